import { invalidParams, methodNotFound } from '../../protocol/mcp.error.js';
import type { RequestContext } from '../request-context.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from './method.js';
import { isReadable } from './resources.methods.js';

/** Resources one session may watch. */
const MAX_SUBSCRIPTIONS = 1000;

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions */
export function subscribeResource(parts: ServerParts, lists: ServerLists): Method {
  return (call) =>
    change(call, async (uris, uri) => {
      if (!(await isReadable(uri, call, parts, lists))) throw call.era.resourceNotFound(uri);
      if (uris.size >= MAX_SUBSCRIPTIONS) {
        throw invalidParams(`A session may watch ${MAX_SUBSCRIPTIONS} resources at most`);
      }
      uris.add(uri);
    });
}

export const unsubscribeResource: Method = (call) =>
  change(call, (uris, uri) => {
    uris.delete(uri);
  });

async function change(
  { request, session }: RequestContext,
  apply: (uris: Set<string>, uri: string) => void | Promise<void>,
): Promise<object> {
  if (!session) throw methodNotFound(request.method);
  const uri = request.params?.['uri'];
  if (typeof uri !== 'string' || uri.length > 8192) throw invalidParams('uri must be a string');
  const uris = new Set(await session.subscriptions());
  await apply(uris, uri);
  await session.setSubscriptions([...uris]);
  return {};
}
