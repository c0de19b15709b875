import type { IncomingMessage, ServerResponse } from 'node:http';
import { isPromise } from 'node:util/types';
import type { LoggerService } from '@nestjs/common';
import {
  classifyRequest,
  refuseRepeated,
  refuseVersion,
  type Classified,
} from '../../protocol/classify-request.js';
import { readRequestId } from '../../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { HeaderName } from '../../protocol/mcp-headers.js';
import { isModern } from '../../protocol/protocol-version.js';
import {
  httpExceptionMessage,
  isHttpException,
  isRetryable,
  reportUnexpected,
  STORE_IS_AWAY,
} from '../../calls/failure.js';
import { McpAdapterMissingError } from '../../calls/mcp-adapter-missing.error.js';
import type { ClientSession } from '../../sessions/client-session.js';
import type { McpServer } from '../../server/mcp.server.js';
import {
  isStrictlyAccepting,
  readAccept,
  refuse,
  refuseClosing,
  sendAccepted,
  sendError,
  AdmittedRequest,
  HttpExchange,
} from './http/http-exchange.js';
import { AccessLog, AccessPolicy } from './http/access-policy.js';
import { allowOrigin, answerPreflight, exposeHeaders, isAllowedPreflight } from './http/cors.js';
import {
  applicationAuthenticator,
  type Caller,
  type Authenticator,
  identifier,
  UnnamedCallerError,
} from './http/authenticator.js';
import { InFlight } from '../in-flight.js';
import { BodyCutOffError, bodyOf } from './http/json-body.js';
import { sendPage } from './http/landing-page.js';
import { serveLegacy } from './legacy.endpoint.js';
import { serveModern, type ModernServices } from './modern.endpoint.js';
import { createModernServices } from './modern-services.js';
import { OpenStreams } from './http/open-streams.js';
import { callsOf } from '../../calls/create-call.js';
import { watchQueued } from './http/connection.js';
import { originOf, type ReplyDeps } from './reply.js';
import { HttpSessions } from './http-sessions.js';
import type { HttpPlatform } from './platform/http-platform.js';
import type { StreamableHttpOptions, TransportDeps } from './transport-deps.js';
import type { TransportStats } from './transport-stats.js';

/** POST that is served, unless its caller may not. */
type Servable = Extract<Classified, { readonly kind: 'modern' | 'legacy' }>;

/**
 * The Streamable HTTP transport of one MCP server.
 *
 * The module mounts it as a Nest route. Inject it to answer MCP requests from a controller of your own.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 * @publicApi
 */
export class StreamableHttpTransport {
  readonly #server: McpServer;
  readonly #options: StreamableHttpOptions;
  readonly #body;
  readonly #deps: TransportDeps;
  readonly #access: AccessPolicy;
  readonly #accessLog: AccessLog;
  readonly #authenticator: Authenticator;
  readonly #logger: LoggerService;
  readonly #sessions: HttpSessions | undefined;
  readonly #modern: ModernServices;
  readonly #replyDeps: ReplyDeps;
  #platform: HttpPlatform | undefined;
  #isClosing = false;
  #hasSaidUnnamed = false;

  /** @internal */
  constructor(server: McpServer, options: StreamableHttpOptions, deps: TransportDeps) {
    this.#server = server;
    this.#options = options;
    this.#body = { bodyBytes: options.limits.bodyBytes, requestTimeoutMs: options.requestTimeoutMs };
    this.#deps = deps;
    this.#access = new AccessPolicy(options);
    this.#authenticator = deps.authenticator ?? applicationAuthenticator(identifier(options.principal));
    this.#logger = server.parts.logger;
    this.#accessLog = new AccessLog(this.#logger);
    const inFlight = new InFlight(options.keepAliveMs);
    const streams = new OpenStreams(options.keepAliveMs, options.limits.bufferedBytesPerStream);
    this.#replyDeps = { server, streams, inFlight };
    const { sessionAdapter: adapter, server: name } = deps;
    this.#sessions =
      adapter &&
      new HttpSessions(
        { ...deps, ...this.#replyDeps, name, adapter, isClosing: () => this.#isClosing },
        options,
      );
    this.#modern = createModernServices(server, options, { ...deps, openStreams: streams, inFlight });
  }

  /**
   * Answers one HTTP request, given as the platform's request and response objects. Never rejects; when it resolves
   * the response has ended or its connection is gone.
   */
  handleRequest(request: unknown, response: unknown): Promise<void> {
    this.#platform ??= this.#deps.platform();
    const exchange = this.#platform.open(request, response);
    exposeHeaders(exchange.response);
    return this.#answer(exchange);
  }

  /** Answers a request that no platform has seen: CORS is then the transport's business. @internal */
  async handleRaw(request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowOrigin(request, response, this.#options.allowedOrigins);
    const isPreflight = isAllowedPreflight(request, response);
    if (isPreflight && !this.#isClosing && !this.#access.refuse(request)) {
      return answerPreflight(request, response);
    }
    await this.#answer(new HttpExchange(request, response, undefined));
  }

  /**
   * A client of this server outside any request.
   *
   * @throws McpAdapterMissingError when the server keeps no sessions.
   */
  session(id: string): ClientSession {
    if (this.#sessions) return this.#sessions.client(id);
    throw new McpAdapterMissingError('transport.session() needs a sessionAdapter in McpModule.forRoot()');
  }

  /** Notifies every client that has subscribed, on every instance, that the content of a resource has changed. */
  notifyResourceUpdated(uri: string): Promise<void> {
    return this.#deps.bus.publish({ type: 'resource_updated', server: this.#deps.server, uri });
  }

  /** True once the application has begun to close: running requests may finish, new ones are refused. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  stats(): TransportStats {
    return {
      sessions: this.#sessions?.size ?? 0,
      streams: this.#replyDeps.streams.size,
      requests: this.#replyDeps.inFlight.size,
      parkedCalls: this.#modern.asking.parkedCount,
      pendingQuestions: (this.#sessions?.questionCount ?? 0) + this.#modern.asking.questionCount,
      subscriptions: this.#modern.listening.subscriptions.size,
      tasks: this.#modern.tasks?.size ?? 0,
    };
  }

  /** Begins to hear of other instances. A start that failed may be repeated. @internal */
  async start(): Promise<void> {
    const { tasks, listening } = this.#modern;
    await this.#sessions?.start();
    await tasks?.start();
    await listening.subscriptions.start();
  }

  /** Sets the address on which the HTTP server listens. @internal */
  bind(address: string): void {
    this.#access.bind(address);
    if (!this.#access.isOpen) return;
    this.#logger.warn(
      `The MCP endpoint listens on ${address} and accepts any Host and Origin. ` +
        'Set allowedHosts (and allowedOrigins for browsers), or listen on 127.0.0.1',
    );
  }

  /** Refuses new requests, lets running ones finish within the grace period, then gives them up. @internal */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#sessions?.stopListening();
    try {
      await this.#modern.listening.subscriptions.close();
    } finally {
      this.#modern.asking.close();
      const drained = this.#replyDeps.inFlight.drain(this.#options.shutdownGraceMs);
      try {
        await this.#modern.tasks?.close(this.#options.shutdownGraceMs);
      } finally {
        await drained;
        await this.#sessions?.close();
      }
    }
  }

  async #answer(exchange: HttpExchange): Promise<void> {
    watchQueued(exchange.request, exchange.response);
    try {
      await this.#handle(exchange);
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #handle(exchange: HttpExchange): Promise<void> | void {
    if (this.#isClosing) return refuseClosing(exchange);
    const stranger = this.#access.refuse(exchange.request);
    if (stranger) {
      this.#accessLog.add(stranger);
      return refuse(exchange, 403, stranger.message);
    }
    return whenKnown(this.#authenticator.authenticate(exchange), (caller) => {
      if (!caller) return;
      if (exchange.request.method !== 'POST') return this.#handleWithoutBody(exchange, caller);
      if (this.#options.strictAccept && !isStrictlyAccepting(exchange.request)) {
        return refuse(exchange, 406, 'Accept must name application/json and text/event-stream');
      }
      return whenKnown(bodyOf(exchange, this.#body), (body) => {
        if (!('refusal' in body)) return this.#serve(exchange, caller, body.value);
        const { status, error } = body.refusal;
        return sendError(exchange, status, error, { headers: { connection: 'close' } });
      });
    });
  }

  /** GET and DELETE are about sessions, which only legacy clients have. */
  #handleWithoutBody(exchange: HttpExchange, caller: Caller): Promise<void> | void {
    const endpoint = this.#sessions?.endpoint;
    const { method } = exchange.request;
    if (this.#options.landingPage && sendPage(exchange, this.#server.parts.serverInfo, this.#deps.urlOf))
      return;
    if (this.#refuseRepeated(exchange)) return;
    const version = exchange.request.headers[HeaderName.ProtocolVersion];
    if (!endpoint || (method !== 'GET' && method !== 'DELETE') || isModern(String(version))) {
      return refuse(exchange, 405, 'Method not allowed', { allow: endpoint ? 'GET, POST, DELETE' : 'POST' });
    }
    const refusal = refuseVersion(version, this.#server.parts.versions);
    if (refusal) return sendError(exchange, refusal.status, refusal.error);
    if (this.#isClosing) return refuseClosing(exchange);
    const admitted = this.#admit(exchange, caller);
    return method === 'GET' ? endpoint.get(admitted) : endpoint.delete(admitted);
  }

  #serve(exchange: HttpExchange, caller: Caller, body: unknown): Promise<void> | void {
    exchange.requestId = readRequestId(body);
    if (this.#refuseRepeated(exchange)) return;
    const classified = classifyRequest(exchange.request.headers, body, this.#server.parts.versions);
    if (classified.kind === 'rejected') {
      return sendError(exchange, classified.status, classified.error, { id: classified.id });
    }
    if (classified.kind === 'modern-notification') return sendAccepted(exchange);
    const admitted = this.#admit(exchange, caller);
    if (!this.#authenticator.authorize) return this.#dispatch(admitted, classified);
    const calls = callsOf(classified, () => originOf(admitted, this.#server));
    return this.#authenticator.authorize(exchange, calls).then((isAuthorized) => {
      if (isAuthorized) return this.#dispatch(admitted, classified);
    });
  }

  #dispatch(admitted: AdmittedRequest, classified: Servable): Promise<void> | void {
    if (this.#isClosing) return refuseClosing(admitted.exchange);
    if (classified.kind === 'modern') return serveModern(admitted, classified, this.#modern, this.#replyDeps);
    if (this.#sessions) return this.#sessions.endpoint.post(admitted, classified);
    return serveLegacy(admitted, classified, this.#replyDeps);
  }

  #refuseRepeated(exchange: HttpExchange): boolean {
    const refusal = refuseRepeated(exchange.request, this.#server.parts.versions);
    if (refusal) sendError(exchange, refusal.status, refusal.error);
    return refusal !== undefined;
  }

  #admit(exchange: HttpExchange, { principal, lease }: Caller): AdmittedRequest {
    const { expiresAt } = principal ?? {};
    if (lease) this.#replyDeps.streams.limit(exchange.response, lease);
    else if (expiresAt !== undefined)
      this.#replyDeps.streams.limit(exchange.response, { until: () => expiresAt });
    return new AdmittedRequest(exchange, principal, readAccept(exchange.request));
  }

  #fail(exchange: HttpExchange, error: unknown): void {
    if (error instanceof BodyCutOffError) return void exchange.response.destroy();
    // Guards of the caller may refuse in the words of Nest.
    if (isHttpException(error) && error.getStatus() < 500) {
      return refuse(exchange, error.getStatus(), httpExceptionMessage(error));
    }
    // Every request of such an application fails, and all for the same reason.
    const isSaid = error instanceof UnnamedCallerError && this.#hasSaidUnnamed;
    if (error instanceof UnnamedCallerError) this.#hasSaidUnnamed = true;
    const message = isSaid ? 'Internal error' : reportUnexpected(error, 'An MCP request', this.#logger);
    const [status, answer] = isRetryable(error) ? [503, STORE_IS_AWAY] : [500, message];
    sendError(exchange, status, new McpError(McpErrorCode.InternalError, answer));
  }
}

/** Goes on at once where there is nothing to wait for: of a call that does little, awaiting is a large part. */
function whenKnown<T>(given: T | Promise<T>, next: (value: T) => Promise<void> | void): Promise<void> | void {
  return isPromise(given) ? given.then(next) : next(given);
}
