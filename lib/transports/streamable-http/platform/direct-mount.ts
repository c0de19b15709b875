import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { McpConfigurationError } from '../../../protocol/configuration.error.js';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** One MCP endpoint of an HTTP server. */
export interface DirectMount {
  /** Checks whether a path, as requested, is the endpoint. */
  readonly isEndpoint: (path: string) => boolean;
  readonly handle: RequestListener;
}

const mounted = new WeakMap<Server, DirectMount[]>();

/**
 * Answers requests to an endpoint before the platform sees them; all others go the way they went. Takes the place of the
 * platform's own listener only: other listeners of the server's `request` event still see every request.
 */
export function mountDirectly(server: Server, platform: RequestListener, mount: DirectMount): void {
  const earlier = mounted.get(server);
  if (earlier) {
    earlier.push(mount);
    return;
  }
  const mounts = [mount];
  replace(server, platform, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    const found = mounts.find(({ isEndpoint }) => isEndpoint(path));
    return found ? found.handle(request, response) : platform.call(server, request, response);
  });
  mounted.set(server, mounts);
}

/** Listeners are called in the order they were added: removing and adding them all again keeps it. */
function replace(server: Server, listener: RequestListener, replacement: RequestListener): void {
  const listeners = server.rawListeners('request') as RequestListener[];
  if ('updateSettings' in server)
    throw unusable('it is HTTP/1.1 only, and this server speaks HTTP/2; use mount: "route"');
  if (!listeners.includes(listener))
    throw unusable('a server made by a serverFactory must be given its handler as it is');
  server.removeAllListeners('request');
  for (const each of listeners) server.on('request', each === listener ? replacement : each);
}

function unusable(reason: string): McpConfigurationError {
  return new McpConfigurationError(
    `McpModule option mount: "direct" cannot work with this HTTP server: ${reason}`,
  );
}
