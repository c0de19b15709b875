import type { IncomingMessage } from 'node:http';
import { isObject } from '../protocol/json-rpc.js';
import type { HttpExchange } from '../transports/streamable-http/http/http-exchange.js';
import { requestPath } from '../transports/streamable-http/platform/request-path.js';

/** @see https://www.rfc-editor.org/rfc/rfc9728#section-3 */
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Public address as the application configures it, and the routes of the endpoint. */
export interface AddressOptions {
  readonly resource: string | undefined;
  readonly publicUrl: string | undefined;
  readonly publicPath: string | undefined;
  /** The paths of the endpoint, known once the application has settled its prefix and versions. */
  readonly routes: () => readonly string[];
  /** Checks whether the router matches a path to the endpoint. */
  readonly isEndpoint: (path: string) => boolean;
}

/** The URL that names the server, and the one of the document that describes it. */
export class ResourceAddress {
  constructor(private readonly options: AddressOptions) {}

  /** The URL as far as the application has said what it is: the only one a token may be held against. */
  configured(request: IncomingMessage): string | undefined {
    const { resource, publicUrl } = this.options;
    return (
      resource ?? (publicUrl === undefined ? undefined : join(publicUrl, this.#pathOf(requestPath(request))))
    );
  }

  /** The URL as the client of this request is told; `undefined` if the request does not tell where it was sent. */
  resource(exchange: HttpExchange, path = requestPath(exchange.request)): string | undefined {
    const { resource, publicUrl = originOf(exchange) } = this.options;
    return resource ?? (publicUrl === undefined ? undefined : join(publicUrl, this.#pathOf(path)));
  }

  /** URL of the document for the client of this request. */
  metadataUrl(exchange: HttpExchange): string | undefined {
    const resource = this.resource(exchange);
    if (resource === undefined) return undefined;
    const { origin, pathname } = new URL(resource);
    return join(origin + WELL_KNOWN, pathname);
  }

  /** Checks whether a path is one of the document: the well-known path, then the endpoint's path or one that clients know. */
  isMetadata(path: string): boolean {
    if (!path.startsWith(WELL_KNOWN)) return false;
    const { resource, publicPath, isEndpoint } = this.options;
    const described = path.slice(WELL_KNOWN.length);
    if (described !== '' && !described.startsWith('/')) return false;
    const named = [publicPath, resource && new URL(resource).pathname];
    return (
      isEndpoint(described) ||
      named.some((known) => known !== undefined && withoutSlash(known) === withoutSlash(described))
    );
  }

  /** The URL that the document asked for is about. */
  described(exchange: HttpExchange): string | undefined {
    return this.resource(exchange, requestPath(exchange.request).slice(WELL_KNOWN.length));
  }

  /** Public path of the endpoint that a request was sent to. */
  #pathOf(path: string): string {
    const { publicPath, routes, isEndpoint } = this.options;
    if (publicPath !== undefined) return publicPath;
    const [main = '/', ...others] = routes();
    // Parameters take their values from the request; else one spelling of the path stands for all.
    if (!isEndpoint(path)) return main;
    const wanted = withoutSlash(path).toLowerCase();
    return [main, ...others].find((route) => withoutSlash(route).toLowerCase() === wanted) ?? path;
  }
}

/**
 * Origin that a request was sent to, as the platform reports it: Express and Fastify trust forwarded headers only where
 * they are configured to (`trust proxy`, `trustProxy`).
 */
function originOf({ platform, request }: HttpExchange): string | undefined {
  const { protocol, host } = isObject(platform.request) ? platform.request : {};
  const spoken = 'encrypted' in request.socket ? 'https' : 'http';
  const scheme = typeof protocol === 'string' ? protocol : spoken;
  // HTTP/2 has a pseudo-header in the place of `Host`.
  const authority = [host, request.headers[':authority'], request.headers.host].find(isString);
  const url = `${scheme}://${authority}`;
  return authority !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function join(base: string, path: string): string {
  return withoutSlash(base) + withoutSlash(path.startsWith('/') ? path : `/${path}`);
}

/** A loop, as a pattern would try each of many slashes in the middle of a path for the first of its end. */
function withoutSlash(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}
