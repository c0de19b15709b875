import { invalidParams, methodNotFound } from '../../protocol/mcp.error.js';
import type { RequestContext } from '../request-context.js';
import type { Method } from './index.js';

/** Resources one session may watch. */
const MAX_SUBSCRIPTIONS = 1000;

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions */
export const subscribeResource: Method = (call) =>
  change(call, (uris, uri) => {
    if (uris.size >= MAX_SUBSCRIPTIONS) throw invalidParams(`A session may watch ${MAX_SUBSCRIPTIONS} resources at most`);
    return uris.add(uri);
  });

export const unsubscribeResource: Method = (call) =>
  change(call, (uris, uri) => {
    uris.delete(uri);
    return uris;
  });

async function change(
  { request, session }: RequestContext,
  apply: (uris: Set<string>, uri: string) => Set<string>,
): Promise<object> {
  if (!session) throw methodNotFound(request.method);
  const uri = request.params?.['uri'];
  if (typeof uri !== 'string' || uri.length > 8192) throw invalidParams('uri must be a string');
  const uris = new Set(await session.subscriptions());
  await session.setSubscriptions([...apply(uris, uri)]);
  return {};
}
