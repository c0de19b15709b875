import type { JsonRpcRequest } from '../../protocol/json-rpc.js';
import { checkMirroredParameters } from '../../protocol/mcp-headers.js';
import { modernEra } from '../../protocol/modern.era.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import { readMeta, readProgressToken, type ModernMeta } from '../../protocol/request-meta.js';
import type { Conversations } from '../../server/conversations.js';
import type { RequestContext } from '../../server/request-context.js';
import type { ListenEndpoint } from './listen.endpoint.js';
import { NOWHERE, type Common, type PostContext } from './post-context.js';

/** What a modern client posted: one request that says everything about itself. */
export interface ModernPost {
  readonly version: ProtocolVersion;
  readonly message: JsonRpcRequest;
  readonly meta: ModernMeta;
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#supported-requests */
const ASKING_METHODS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** What this era is served with. */
export interface ModernServices {
  readonly conversations: Conversations;
  readonly listening: ListenEndpoint;
}

/** Serves 2026-07-28. */
export function serveModern(
  post: PostContext,
  { version, message, meta }: ModernPost,
  { conversations, listening }: ModernServices,
): Promise<void> {
  const { clientInfo, clientCapabilities, logLevel } = meta;
  const complete = (request: JsonRpcRequest, common: Common): RequestContext => ({
    era: modernEra,
    version,
    request,
    clientInfo,
    clientCapabilities,
    progressToken: () => readProgressToken(readMeta(request.params)),
    logLevel: () => logLevel,
    outbound: common.outbound,
    principal: common.principal,
    http: common.http,
    cancellation: common.cancellation,
    session: undefined,
    handles: common.handles,
    asking: undefined,
    refuseTool: ({ mirrored }) =>
      mirrored.length === 0
        ? undefined
        : checkMirroredParameters(post.exchange.request.headers, mirrored, request.params?.['arguments']),
    conversing: ASKING_METHODS.has(request.method) ? conversations : undefined,
  });
  if (message.method === 'subscriptions/listen') {
    return listening.listen(post, complete(message, post.common(NOWHERE)));
  }
  return post.serve([message], () => post.reply(false), complete);
}
