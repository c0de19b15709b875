import type { ServerResponse } from 'node:http';

/** What a client in a browser has to read. */
const EXPOSED_HEADERS = 'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After';

/** Where the application lets a foreign origin in, lets it see our headers too, unless it says which it may see. */
export function exposeHeaders(response: ServerResponse): void {
  if (
    response.hasHeader('access-control-allow-origin') &&
    !response.hasHeader('access-control-expose-headers')
  ) {
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  }
}
