import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/** Connection headers of HTTP/1.1: they have no meaning in HTTP/2, where Node warns about them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set(['connection', 'keep-alive']);

/**
 * Makes a response of HTTP/2 say of itself what those of HTTP/1.1 do: whether its reader has gone, and only then that it is
 * finished.
 */
export function asServerResponse(response: ServerResponse): ServerResponse {
  if (!('stream' in response) || Object.hasOwn(response, 'destroyed')) return response;
  const { stream } = response as unknown as Http2ServerResponse;
  const setHeader = response.setHeader.bind(response);
  const writeHead = response.writeHead.bind(response) as (
    status: number,
    headers?: Readonly<Record<string, string>>,
  ) => ServerResponse;
  Object.defineProperties(response, {
    destroyed: { get: () => stream.destroyed || stream.closed },
    writableFinished: { get: () => response.writableEnded && stream.writableFinished && !stream.aborted },
    setHeader: {
      writable: true,
      value: (name: string, value: string) =>
        CONNECTION_HEADERS.has(name.toLowerCase()) ? response : setHeader(name, value),
    },
    writeHead: {
      value: (status: number, headers: Readonly<Record<string, string>> = {}) => {
        const kept = Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name));
        return writeHead(status, Object.fromEntries(kept));
      },
    },
  });
  return response;
}
