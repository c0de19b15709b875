import type { Meta } from '../request-meta.js';

/**
 * A place of the client's that the server may work in.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/roots
 * @publicApi
 */
export interface McpRoot {
  readonly uri: string;
  readonly name?: string;
  readonly _meta?: Meta;
}
