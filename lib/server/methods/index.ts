import type { RequestContext } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { discover } from './discover.method.js';
import { initialize } from './initialize.method.js';
import { setLogLevel } from './logging.method.js';
import { ping } from './ping.method.js';
import { callTool, listTools } from './tools.methods.js';

/**
 * Serves one JSON-RPC method: returns the result, or its JSON text where that is kept ready.
 * Throws an `McpError` for what the client did wrong.
 */
export type Method = (call: RequestContext) => object | string | Promise<object | string>;

/** Every method this server knows; which of them an era has is the era's business. */
export function createMethods(parts: ServerParts): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['initialize', initialize(parts)],
    ['server/discover', discover(parts)],
    ['ping', ping],
    ['logging/setLevel', setLogLevel],
    ['tools/list', listTools(parts)],
    ['tools/call', callTool(parts)],
  ]);
}
