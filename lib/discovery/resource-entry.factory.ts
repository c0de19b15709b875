import { McpConfigurationError } from '../protocol/configuration.error.js';
import { UriTemplate } from '../protocol/uri-template.js';
import type {
  McpResourceOptions,
  McpResourceTemplateOptions,
  McpStaticResourceOptions,
} from '../decorators/mcp-resource.decorator.js';
import type { ReadableEntry, ResourceEntry, ResourceTemplateEntry } from '../registry/entries.js';
import {
  commonDescription,
  commonEntry,
  completersOf,
  schemaOf,
  type PrimitiveSource,
} from './primitive-source.js';
import { UI_MIME_TYPE, UI_SCHEME } from './ui-meta.js';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** The characters of RFC 3986. */
const URI = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;

/** Checks whether the options are those of a family of resources. */
export function isTemplate(options: McpResourceOptions): options is McpResourceTemplateOptions {
  return options.uriTemplate !== undefined;
}

/** Builds the entry of a single resource; throws `McpConfigurationError` for what cannot work. */
export function createResourceEntry(
  options: McpStaticResourceOptions,
  source: PrimitiveSource,
): ResourceEntry {
  const { uri, size } = options;
  assertUri(uri, 'uri', source.where);
  if (/[{}]/.test(uri)) {
    throw new McpConfigurationError(
      `${source.where}: the URI "${uri}" has braces; give a template as uriTemplate`,
    );
  }
  if (!URI.test(uri)) {
    throw new McpConfigurationError(
      `${source.where}: the URI "${uri}" has characters that a URI may not hold; write them percent-encoded`,
    );
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0)) {
    throw new McpConfigurationError(`${source.where}: size must be the number of bytes, not ${size}`);
  }
  const readable = readableEntry(uri, options, source);
  return {
    ...readable,
    resource: { uri, ...description(options, readable, source), ...(size !== undefined && { size }) },
  };
}

/** Builds the entry of a family of resources; throws `McpConfigurationError` for what cannot work. */
export async function createResourceTemplateEntry(
  options: McpResourceTemplateOptions,
  source: PrimitiveSource,
): Promise<ResourceTemplateEntry> {
  const { uriTemplate } = options;
  assertUri(uriTemplate, 'uriTemplate', source.where);
  const template = new UriTemplate(uriTemplate, source.where);
  const input = options.input ?? source.defaultInput;
  const readable = readableEntry(uriTemplate, options, source);
  return {
    ...readable,
    resourceTemplate: { uriTemplate, ...description(options, readable, source) },
    template,
    input: input && (await schemaOf(input, 'input', source)),
    completers: await completersOf(options.complete, template.variables, source),
  };
}

function readableEntry(key: string, options: McpResourceOptions, source: PrimitiveSource): ReadableEntry {
  const isUi = key.startsWith(UI_SCHEME);
  return {
    ...commonEntry(options, source),
    key,
    mimeType: options.mimeType ?? (isUi ? UI_MIME_TYPE : undefined),
    // Some hosts look for the policy of a page in its contents only.
    contentsMeta: isUi ? options._meta : undefined,
    cacheHint: checkedHint(options, source.where),
  };
}

function description(
  options: McpResourceOptions,
  { mimeType }: ReadableEntry,
  { defaultName }: PrimitiveSource,
) {
  const { name = defaultName, annotations } = options;
  return {
    name,
    ...commonDescription(options),
    ...(mimeType !== undefined && { mimeType }),
    ...(annotations && { annotations }),
  };
}

function assertUri(uri: unknown, option: string, where: string): void {
  if (typeof uri === 'string' && SCHEME.test(uri) && !/\s/.test(uri)) return;
  throw new McpConfigurationError(
    `${where}: ${option} must be absolute, with a scheme and without white space, not ${JSON.stringify(uri)}`,
  );
}

function checkedHint({ cacheHint }: McpResourceOptions, where: string) {
  const { ttlMs = 0, cacheScope = 'private' } = cacheHint ?? {};
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 0 && ['public', 'private'].includes(cacheScope))
    return cacheHint;
  throw new McpConfigurationError(
    `${where}: cacheHint needs a ttlMs of 0 or more milliseconds and a cacheScope of "public" or "private"`,
  );
}
