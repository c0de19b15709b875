import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers that a client in a browser has to read. */
const EXPOSED_HEADERS = 'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After';

/** Time for a browser to remember the answer to a preflight; none does for longer. */
const MAX_AGE_SECONDS = '7200';

/** Lets a foreign origin that the application lets in see our headers too, unless it says which it may see. */
export function exposeHeaders(response: ServerResponse): void {
  if (
    response.hasHeader('access-control-allow-origin') &&
    !response.hasHeader('access-control-expose-headers')
  ) {
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  }
}

/** Lets pages of a configured origin read the answer. For requests that the platform's own CORS does not see. */
export function allowOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: readonly string[] = [],
): void {
  const origin = headers.origin?.toLowerCase();
  const isAny = allowedOrigins.includes('*');
  if (!isAny && allowedOrigins.length > 0) response.setHeader('vary', 'Origin');
  if (origin === undefined || !(isAny || allowedOrigins.some((each) => each.toLowerCase() === origin)))
    return;
  response.setHeader('access-control-allow-origin', isAny ? '*' : (headers.origin as string));
  exposeHeaders(response);
}

/** Checks whether a request is a CORS preflight from an allowed origin. */
export function isAllowedPreflight({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
  return (
    method === 'OPTIONS' &&
    headers['access-control-request-method'] !== undefined &&
    response.hasHeader('access-control-allow-origin')
  );
}

/** Allows the page of a preflight every header it asks for, as parameters may be mirrored into any. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const wanted = headers['access-control-request-headers'];
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE',
    ...(wanted !== undefined && { 'access-control-allow-headers': wanted }),
    'access-control-max-age': MAX_AGE_SECONDS,
  });
  response.end();
}
