import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';

/** Checks of what a handler gives to a method of its context, which types do not do for JavaScript. */
const KINDS = {
  'a string': (value: unknown) => typeof value === 'string',
  'a number': (value: unknown) => typeof value === 'number',
  'a list': (value: unknown) => Array.isArray(value),
  'a function': (value: unknown) => typeof value === 'function',
  'a schema': (value: unknown) => typeof value === 'function' || isObject(value),
} as const;

/** Throws `McpConfigurationError` naming the method and the first thing that is missing or something else. */
export function assertGiven(
  method: string,
  given: unknown,
  wanted: Readonly<Record<string, keyof typeof KINDS>>,
): void {
  const members = isObject(given) ? given : {};
  for (const [name, kind] of Object.entries(wanted)) {
    const value = members[name];
    if (KINDS[kind](value)) continue;
    const fault = value === undefined ? 'is missing' : `is ${value === null ? 'null' : `a ${typeof value}`}`;
    throw new McpConfigurationError(`ctx.${method}(): ${name} ${fault}; it must be ${kind}`);
  }
}

/** Checks the options of `ctx.elicit()`, which asks with a form or with a URL. */
export function assertQuestion(options: unknown): void {
  assertGiven('elicit', options, { message: 'a string' });
  const { url, schema } = options as { readonly url?: unknown; readonly schema?: unknown };
  if ('url' in (options as object)) {
    assertGiven('elicit', options, { url: 'a string' });
    if (URL.canParse(String(url))) return;
    throw new McpConfigurationError(
      `ctx.elicit(): url is ${JSON.stringify(url)}; it must be an absolute URL`,
    );
  }
  if (schema !== undefined) return assertGiven('elicit', options, { schema: 'a schema' });
  throw new McpConfigurationError(
    'ctx.elicit(): schema is missing; give the form to show as schema, or the page to visit as url',
  );
}

/** Reads the number of retries of a question. Throws `McpConfigurationError` unless it is an integer of 0 or more. */
export function readRetries(method: string, { retries = 0 }: { readonly retries?: number }): number {
  if (Number.isSafeInteger(retries) && retries >= 0) return retries;
  throw new McpConfigurationError(
    `ctx.${method}(): retries is ${String(retries)}; it must be an integer of 0 or more`,
  );
}
