import { invalidParams, methodNotFound } from '../../protocol/mcp.error.js';
import { readUri } from '../../protocol/normal-uri.js';
import type { Call } from '../../calls/call.js';
import { MAX_SUBSCRIPTIONS, type SessionState } from '../../calls/session-state.js';
import type { ServerLists } from '../server-lists.js';
import type { ServerParts } from '../server-parts.js';
import type { Method } from '../../calls/call.js';
import { isReadable } from './resources.methods.js';

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions */
export function subscribeResource(parts: ServerParts, lists: ServerLists): Method {
  return async (call) => {
    const { session, uri } = read(call);
    if (!(await isReadable(uri, call, parts, lists))) throw call.era.resourceNotFound(uri);
    if (!(await session.canSubscribe(uri))) {
      throw invalidParams(`A session may watch ${MAX_SUBSCRIPTIONS} resources at most`);
    }
    await session.setSubscribed(uri, true);
    return {};
  };
}

export const unsubscribeResource: Method = async (call) => {
  const { session, uri } = read(call);
  await session.setSubscribed(uri, false);
  return {};
};

function read({ request, session }: Call): { session: SessionState; uri: string } {
  if (!session) throw methodNotFound(request.method);
  return { session, uri: readUri(request.params?.['uri']) };
}
