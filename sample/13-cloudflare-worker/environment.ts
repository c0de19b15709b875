import type { StoreObjectNamespace } from 'nestjs-mcp-adapters/cloudflare';
import type { KvNamespace } from './kv/kv-namespace.js';

/** Bindings of `wrangler.jsonc`. */
export interface Environment {
  /** The instances of the application. */
  readonly APPLICATION: StoreObjectNamespace;
  /** Sessions, their events, and questions to clients, in Durable Objects. */
  readonly MCP_STORE: StoreObjectNamespace;
  /** The same in Workers KV. */
  readonly MCP_KV: KvNamespace;
  /** Where they are kept. */
  readonly STATE: 'objects' | 'kv';
  /** At least 32 characters: `wrangler secret put REQUEST_STATE_SECRET`. */
  readonly REQUEST_STATE_SECRET: string;
}
