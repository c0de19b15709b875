import { isRequest, type JsonRpcMessage } from '../../protocol/json-rpc.js';
import { legacyEra } from '../../protocol/legacy.era.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import { ASSUMED_PROTOCOL_VERSION, type ProtocolVersion } from '../../protocol/protocol-version.js';
import { isResponse } from '../../protocol/json-rpc.js';
import { sendAccepted, sendError } from './http-exchange.js';
import type { PostCall, PostContext } from './post-context.js';

/** What a legacy client posted, already known to be JSON-RPC. */
export interface LegacyPost {
  readonly version: ProtocolVersion | undefined;
  readonly messages: readonly JsonRpcMessage[];
  readonly isBatch: boolean;
}

/** Serves 2025-03-26 to 2025-11-25 without sessions: each POST stands for itself. */
export function serveLegacy(post: PostContext, { version, messages, isBatch }: LegacyPost): Promise<void> {
  const requests = messages.filter(isRequest);
  if (requests.length > 0) {
    const calls = requests.map(
      (request): PostCall => ({
        era: legacyEra,
        version: version ?? ASSUMED_PROTOCOL_VERSION,
        request,
        clientInfo: undefined,
        clientCapabilities: {},
        logLevel: undefined,
      }),
    );
    return post.serve(calls, isBatch);
  }
  if (messages.every(isResponse)) {
    sendError(post.exchange, 400, invalidRequest('Nobody waits for this response'));
  } else {
    sendAccepted(post.exchange);
  }
  return Promise.resolve();
}
