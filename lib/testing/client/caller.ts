import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isObject } from '../../protocol/json-rpc.js';
import type { Principal } from '../../registry/principal.js';

/** Where Fastify tells of a request before its handler, and so before guards, run. */
const FASTIFY_HANDLER = 'tracing:fastify.request.handler:start';

/**
 * Names the caller of requests that come over the test client's own connections, where a guard or middleware would
 * leave it: in `request.user`. It takes hold of the HTTP server from outside, so nothing of it exists in production.
 */
export class Caller {
  readonly #user: Readonly<Record<string, unknown>> | undefined;
  readonly #server: Server;
  readonly #sockets = new WeakSet<object>();

  constructor(server: Server, principal: Principal | undefined) {
    this.#server = server;
    this.#user = principal && userOf(principal);
    if (!this.#user) return;
    server.prependListener('request', this.#nameInNode);
    subscribe(FASTIFY_HANDLER, this.#nameInFastify);
  }

  /** The requests of this connection are this caller's. */
  owns(socket: Duplex): void {
    this.#sockets.add(socket);
  }

  release(): void {
    this.#server.off('request', this.#nameInNode);
    unsubscribe(FASTIFY_HANDLER, this.#nameInFastify);
  }

  readonly #nameInNode = (request: IncomingMessage & { user?: unknown }): void => {
    if (this.#sockets.has(request.socket)) request.user = { ...this.#user };
  };

  /** Fastify wraps Node's request: guards look at the wrapper. What a hook has put there before stays. */
  readonly #nameInFastify = (event: unknown): void => {
    const request = isObject(event) ? event['request'] : undefined;
    if (!isObject(request)) return;
    const raw = request['raw'] as IncomingMessage | undefined;
    if (raw && this.#sockets.has(raw.socket)) request['user'] ??= { ...this.#user };
  };
}

/** The claims that the module reads as this principal. */
function userOf({ issuer, clientId, subject, scopes, claims, expiresAt }: Principal) {
  return {
    ...claims,
    ...(issuer !== undefined && { iss: issuer }),
    ...(clientId !== undefined && { client_id: clientId }),
    ...(subject !== undefined && { sub: subject }),
    ...(scopes && { scope: scopes.join(' ') }),
    ...(expiresAt !== undefined && { exp: Math.floor(expiresAt / 1000) }),
  };
}
