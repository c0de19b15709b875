import type { StoreObjectNamespace } from 'nestjs-mcp-adapters/cloudflare';

/** Bindings of `wrangler.jsonc`. */
export interface Environment {
  /** The instances of the application. */
  readonly APPLICATION: StoreObjectNamespace;
  /** Sessions, their events, and questions to clients. */
  readonly MCP_STORE: StoreObjectNamespace;
  /** At least 32 characters: `wrangler secret put REQUEST_STATE_SECRET`. */
  readonly REQUEST_STATE_SECRET: string;
}
