import type { ServerResponse } from 'node:http';
import type { InterceptedPages } from '../transports/streamable-http/platform/http-platform.js';
import type { HttpExchange } from '../transports/streamable-http/http/http-exchange.js';
import type { ResourceAddress } from './resource-address.js';

/** Members of the metadata document other than the URL of the resource. */
export interface ResourceDescription {
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
}

/** CORS headers that let any origin read the document: its content is public. */
const OPEN = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': '*',
};

/**
 * Serves the metadata of the protected resource, outside the application's prefix, versions and guards: clients know of
 * neither and have no token yet.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */
export class ProtectedResource implements InterceptedPages {
  constructor(
    private readonly address: ResourceAddress,
    private readonly description: ResourceDescription,
  ) {}

  readonly has = (path: string): boolean => this.address.isMetadata(path);

  readonly serve = (exchange: HttpExchange): void => {
    const { method } = exchange.request;
    if (method === 'OPTIONS') return end(exchange.response, 204);
    if (method === 'GET' || method === 'HEAD') return sendDocument(exchange, this.address, this.description);
    exchange.response.setHeader('allow', 'GET');
    end(exchange.response, 405);
  };
}

function sendDocument(
  exchange: HttpExchange,
  address: ResourceAddress,
  description: ResourceDescription,
): void {
  const resource = address.described(exchange);
  if (resource === undefined) return end(exchange.response, 400);
  const document = { resource, ...description, bearer_methods_supported: ['header'] };
  end(exchange.response, 200, JSON.stringify(document));
}

function end(response: ServerResponse, status: number, text = ''): void {
  if (response.headersSent || response.destroyed) return;
  const body =
    status === 204 ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { ...OPEN, ...body });
  response.end(text);
}
