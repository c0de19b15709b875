import { isRequest, isResponse, type JsonRpcMessage } from '../../protocol/json-rpc.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, type ProtocolVersion } from '../../protocol/protocol-version.js';
import { statelessCall } from '../../calls/create-call.js';
import { sendAccepted, sendError } from './http-exchange.js';
import type { PostContext } from './post-context.js';

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
      (request, origin) => statelessCall(request, version, origin),
    );
  }
  if (messages.every(isResponse)) {
    return sendError(post.exchange, 400, invalidRequest('Nobody waits for this response'));
  }
  sendAccepted(post.exchange);
}
