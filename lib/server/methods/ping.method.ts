import type { Method } from '../../calls/call.js';

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/ping */
export const ping: Method = () => ({});
