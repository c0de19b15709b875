import type { RequestContext } from '../request-context.js';

/**
 * Serves one JSON-RPC method: returns the result, or its JSON text where that is kept ready.
 * Throws an `McpError` for what the client did wrong.
 */
export type Method = (call: RequestContext) => object | string | Promise<object | string>;
