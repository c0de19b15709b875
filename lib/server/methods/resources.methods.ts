import { McpError, invalidParams } from '../../protocol/mcp.error.js';
import { readUri } from '../../protocol/normal-uri.js';
import type { ReadableEntry } from '../../registry/entries.js';
import { isHttpException } from '../../calls/failure.js';
import { toReadResult } from '../../results/read-result.js';
import type { Call } from '../../calls/call.js';
import { runOrRefuse } from '../../calls/run-handler.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import { describeIssues } from '../../results/tool-result.js';
import type { Method } from '../../calls/call.js';

/** Resource of a URI. */
interface Found {
  readonly entry: ReadableEntry;
  readonly args: unknown;
  /** True if the contents are for this caller alone. */
  readonly isPersonal: boolean;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#listing-resources */
export function listResources({ resources }: ServerLists): Method {
  return (call) => resources.pages.get(call);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates */
export function listResourceTemplates({ resourceTemplates }: ServerLists): Method {
  return (call) => resourceTemplates.pages.get(call);
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#reading-resources */
export function readResource(parts: ServerParts, lists: ServerLists): Method {
  return async (call) => {
    const { era, request } = call;
    const uri = readUri(request.params?.['uri']);
    const found = await find(uri, call, parts, lists);
    if (!found) throw era.resourceNotFound(uri);

    const value = await read(found, uri, call);
    const result = toReadResult(value, uri, found.entry);
    if (!result) throw era.resourceNotFound(uri);
    return era.complete(result, parts.serverInfo, cacheOf(found, call, parts));
  };
}

/** A resource goes before templates, a specific template before a general one; what the caller may not see is not there. */
async function find(
  uri: string,
  call: Call,
  { registry, logger }: ServerParts,
  { resources, resourceTemplates }: ServerLists,
): Promise<Found | undefined> {
  const resource = registry.resources.get(uri);
  if (resource && (await resources.visibility.isShown(resource, call))) {
    const { visibility } = resources;
    if (!visibility.isPermitted(resource, call)) return undefined;
    return { entry: resource, args: {}, isPersonal: visibility.isPersonal(resource) };
  }
  const { visibility } = resourceTemplates;
  for (const { entry, variables } of registry.templatesOf(uri)) {
    if (!(await visibility.isShown(entry, call))) continue;
    if (!visibility.isPermitted(entry, call)) return undefined;
    const validation = (await entry.input?.validate(variables)) ?? { ok: true, value: variables };
    if (!validation.ok) {
      const issues = describeIssues(validation.issues);
      logger.debug?.(`Resource ${entry.resourceTemplate.name} was read with invalid variables. ${issues}`);
      throw invalidParams(issues, { uri });
    }
    return { entry, args: validation.value, isPersonal: visibility.isPersonal(entry) };
  }
  return undefined;
}

/** Checks whether this caller could read the resource. */
export async function isReadable(...search: Parameters<typeof find>): Promise<boolean> {
  return (await find(...search)) !== undefined;
}

async function read({ entry, args }: Found, uri: string, call: Call): Promise<unknown> {
  try {
    return await runOrRefuse(entry, { args, detail: uri }, call);
  } catch (error) {
    // Said in the words of Nest, it is what the protocol has a code of its own for.
    if (!(error instanceof McpError) && isHttpException(error) && error.getStatus() === 404) return undefined;
    throw error;
  }
}

function cacheOf({ entry, isPersonal }: Found, call: Call, { cacheHints }: ServerParts) {
  // Caches tell requests apart by what they ask for, not by what was answered meanwhile.
  if (call.isConversation) return { ttlMs: 0, cacheScope: 'private' } as const;
  const hint = { ttlMs: 0, cacheScope: 'private', ...cacheHints.read, ...entry.cacheHint } as const;
  return isPersonal ? { ...hint, cacheScope: 'private' as const } : hint;
}
