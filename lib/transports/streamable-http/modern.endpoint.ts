import type { JsonRpcRequest } from '../../protocol/json-rpc.js';
import { checkMirroredParameters } from '../../protocol/mcp-headers.js';
import { modernEra } from '../../protocol/modern.era.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { ModernMeta } from '../../protocol/request-meta.js';
import { sendError } from './http-exchange.js';
import type { PostContext } from './post-context.js';

/** What a modern client posted: one request that says everything about itself. */
export interface ModernPost {
  readonly version: ProtocolVersion;
  readonly message: JsonRpcRequest;
  readonly meta: ModernMeta;
}

/** Serves 2026-07-28. */
export async function serveModern(post: PostContext, { version, message, meta }: ModernPost): Promise<void> {
  const mismatch = checkToolHeaders(post, message);
  if (mismatch) return sendError(post.exchange, 400, mismatch, { id: message.id });
  const { clientInfo, clientCapabilities, logLevel } = meta;
  return post.serve([message], () => post.reply(false), (request, common) => ({
    ...common,
    era: modernEra,
    version,
    request,
    clientInfo,
    clientCapabilities,
    logLevel: () => logLevel,
    session: undefined,
    asking: undefined,
  }));
}

function checkToolHeaders({ exchange, services }: PostContext, { method, params }: JsonRpcRequest) {
  const name = method === 'tools/call' ? params?.['name'] : undefined;
  const entry = typeof name === 'string' ? services.server.parts.registry.tool(name) : undefined;
  if (!entry || entry.mirrored.length === 0) return undefined;
  return checkMirroredParameters(exchange.request.headers, entry.mirrored, params?.['arguments']);
}
