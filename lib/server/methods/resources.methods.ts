import { McpError, invalidParams } from '../../protocol/mcp.error.js';
import type { ReadableEntry } from '../../registry/entries.js';
import { isHttpException } from '../failure.js';
import { toReadResult } from '../read-result.js';
import type { RequestContext } from '../request-context.js';
import { runOrRefuse } from '../run-handler.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import { describeIssues } from '../tool-result.js';
import type { Method } from './method.js';

/** What a URI leads to. */
interface Found {
  readonly entry: ReadableEntry;
  readonly args: unknown;
  readonly isRestricted: boolean;
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
    const uri = request.params?.['uri'];
    if (typeof uri !== 'string') throw invalidParams('uri must be a string');
    const found = await find(uri, call, parts, lists);
    if (!found) throw era.resourceNotFound(uri);

    const value = await read(found, uri, call);
    const result = toReadResult(value, uri, found.entry);
    if (!result) throw era.resourceNotFound(uri);
    return era.complete(result, parts.serverInfo, cacheOf(found, parts));
  };
}

/** A resource goes before templates, a specific template before a general one; what the caller may not see is not there. */
async function find(
  uri: string,
  call: RequestContext,
  { registry }: ServerParts,
  { resources, resourceTemplates }: ServerLists,
): Promise<Found | undefined> {
  const resource = await resources.visibility.find(uri, call);
  if (resource)
    return { entry: resource, args: {}, isRestricted: resources.visibility.isRestricted(resource) };
  const { visibility } = resourceTemplates;
  for (const { entry, variables } of registry.templatesOf(uri)) {
    const isRestricted = visibility.isRestricted(entry);
    if (isRestricted && !(await visibility.sees(entry, call))) continue;
    const validation = (await entry.input?.validate(variables)) ?? { ok: true, value: variables };
    if (!validation.ok) throw invalidParams(describeIssues(validation.issues), { uri });
    return { entry, args: validation.value, isRestricted };
  }
  return undefined;
}

/** Whether this caller could read the resource. */
export async function isReadable(...search: Parameters<typeof find>): Promise<boolean> {
  return (await find(...search)) !== undefined;
}

async function read({ entry, args }: Found, uri: string, call: RequestContext): Promise<unknown> {
  try {
    return await runOrRefuse(entry, { args, detail: uri }, call);
  } catch (error) {
    // Said in the words of Nest, it is what the protocol has a code of its own for.
    if (!(error instanceof McpError) && isHttpException(error) && error.getStatus() === 404) return undefined;
    throw error;
  }
}

function cacheOf({ entry, isRestricted }: Found, { cacheHints }: ServerParts) {
  const hint = { ttlMs: 0, cacheScope: 'private', ...cacheHints.read, ...entry.cacheHint } as const;
  return isRestricted ? { ...hint, cacheScope: 'private' as const } : hint;
}
