import { isRequest, isResponse, type JsonRpcMessage } from '../../protocol/json-rpc.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, type ProtocolVersion } from '../../protocol/protocol-version.js';
import { statelessCall } from '../../calls/create-call.js';
import { sendAccepted, sendError, type AdmittedRequest } from './http/http-exchange.js';
import { PostReply, type CreateCall, type ReplyDeps } from './reply.js';

/** Body of a legacy client's POST, known to be JSON-RPC. */
export interface LegacyPost {
  readonly version: ProtocolVersion | undefined;
  readonly messages: readonly JsonRpcMessage[];
  readonly isBatch: boolean;
}

/** Serves 2025-03-26 to 2025-11-25 without sessions: each POST stands for itself. */
export function serveLegacy(
  admitted: AdmittedRequest,
  { version = ASSUMED_PROTOCOL_VERSION, messages, isBatch }: LegacyPost,
  deps: ReplyDeps,
): Promise<void> | void {
  const requests = messages.filter(isRequest);
  if (requests.length > 0) {
    const create: CreateCall = (request, origin) => statelessCall(request, version, origin);
    return new PostReply(admitted, isBatch, deps).serve(requests, create);
  }
  if (messages.every(isResponse)) {
    return sendError(admitted.exchange, 400, invalidRequest('Nobody waits for this response'));
  }
  sendAccepted(admitted.exchange);
}
