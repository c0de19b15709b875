import { isRequest, isResponse, type JsonRpcMessage, type JsonRpcRequest } from '../../protocol/json-rpc.js';
import { legacyEra } from '../../protocol/legacy.era.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, type ProtocolVersion } from '../../protocol/protocol-version.js';
import { readMeta, readProgressToken } from '../../protocol/request-meta.js';
import type { RequestContext } from '../../server/request-context.js';
import { sendAccepted, sendError } from './http-exchange.js';
import type { Common, PostContext } from './post-context.js';

/** What a legacy client posted, already known to be JSON-RPC. */
export interface LegacyPost {
  readonly version: ProtocolVersion | undefined;
  readonly messages: readonly JsonRpcMessage[];
  readonly isBatch: boolean;
}

/** Serves 2025-03-26 to 2025-11-25 without sessions: each POST stands for itself. */
export function serveLegacy(
  post: PostContext,
  { version = ASSUMED_PROTOCOL_VERSION, messages, isBatch }: LegacyPost,
): Promise<void> | void {
  const requests = messages.filter(isRequest);
  if (requests.length > 0) {
    return post.serve(
      requests,
      () => post.reply(isBatch),
      (request, common) => statelessCall(request, version, common),
    );
  }
  if (messages.every(isResponse)) {
    return sendError(post.exchange, 400, invalidRequest('Nobody waits for this response'));
  }
  sendAccepted(post.exchange);
}

/** A request of which nothing is known but itself. Fields are named one by one: spreading costs a third of the call. */
export function statelessCall(
  request: JsonRpcRequest,
  version: ProtocolVersion,
  common: Common,
): RequestContext {
  return {
    era: legacyEra,
    version,
    request,
    clientInfo: undefined,
    clientCapabilities: {},
    progressToken: () => readProgressToken(readMeta(request.params)),
    logLevel: () => undefined,
    outbound: common.outbound,
    principal: common.principal,
    http: common.http,
    cancellation: common.cancellation,
    session: undefined,
    handles: common.handles,
    asking: undefined,
  };
}
