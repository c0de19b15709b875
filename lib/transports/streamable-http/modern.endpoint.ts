import type { JsonRpcRequest } from '../../protocol/json-rpc.js';
import { checkMirroredParameters } from '../../protocol/mcp-headers.js';
import { modernEra } from '../../protocol/modern.era.js';
import type { ProtocolVersion } from '../../protocol/protocol-version.js';
import type { ModernMeta } from '../../protocol/request-meta.js';
import type { McpRegistry } from '../../registry/mcp.registry.js';
import { sendError } from './http-exchange.js';
import type { PostContext } from './post-context.js';

/** What a modern client posted: one request that says everything about itself. */
export interface ModernPost {
  readonly version: ProtocolVersion;
  readonly message: JsonRpcRequest;
  readonly meta: ModernMeta;
}

/** Serves 2026-07-28. */
export function serveModern(
  post: PostContext,
  { version, message, meta }: ModernPost,
  registry: McpRegistry,
): Promise<void> {
  const mismatch = checkToolHeaders(post, message, registry);
  if (mismatch) {
    sendError(post.exchange, 400, mismatch, { id: message.id });
    return Promise.resolve();
  }
  return post.serve([{ era: modernEra, version, request: message, ...meta }], false);
}

function checkToolHeaders({ exchange }: PostContext, { method, params }: JsonRpcRequest, registry: McpRegistry) {
  const name = method === 'tools/call' ? params?.['name'] : undefined;
  const entry = typeof name === 'string' ? registry.tool(name) : undefined;
  if (!entry || entry.mirrored.length === 0) return undefined;
  return checkMirroredParameters(exchange.request.headers, entry.mirrored, params?.['arguments']);
}
