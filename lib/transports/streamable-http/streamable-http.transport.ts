import type { LoggerService } from '@nestjs/common';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import { classifyRequest, refuseVersion } from '../../protocol/classify-request.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { HeaderName } from '../../protocol/mcp-headers.js';
import { isModern } from '../../protocol/protocol-version.js';
import { reportUnexpected } from '../../server/failure.js';
import { McpAdapterMissingError } from '../../server/mcp-adapter-missing.error.js';
import type { McpServer } from '../../server/mcp.server.js';
import { isStrictlyAccepting, readAccept } from './accept.js';
import { AccessPolicy } from './access-policy.js';
import type { ClientSession } from './client-session.js';
import { exposeHeaders } from './cors.js';
import { sendAccepted, sendError, type HttpExchange } from './http-exchange.js';
import { InFlight } from './in-flight.js';
import { readJsonBody, refuseByHeaders } from './json-body.js';
import { serveLegacy } from './legacy.endpoint.js';
import { serveModern, type ModernServices } from './modern.endpoint.js';
import { createModernServices } from './modern-services.js';
import { OpenStreams } from './open-streams.js';
import { PostContext } from './post-context.js';
import { principalOf } from './principal.js';
import { SessionHub } from './session-hub.js';
import type { StreamableHttpOptions, TransportSeams } from './transport-seams.js';

/**
 * What is open at this instance now.
 *
 * @publicApi
 */
export interface TransportStats {
  /** Sessions served lately. */
  readonly sessions: number;
  /** Responses that are streams. */
  readonly streams: number;
  /** POSTs that are not answered yet. */
  readonly requests: number;
  /** Calls of modern clients that wait for an answer. */
  readonly parkedCalls: number;
  /** Open `subscriptions/listen` streams. */
  readonly subscriptions: number;
}

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
  readonly #seams: TransportSeams;
  readonly #access: AccessPolicy;
  readonly #logger: LoggerService;
  readonly #inFlight = new InFlight();
  readonly #streams: OpenStreams;
  readonly #sessions: SessionHub | undefined;
  readonly #modern: ModernServices;
  #isClosing = false;

  /** @internal */
  constructor(server: McpServer, options: StreamableHttpOptions, seams: TransportSeams) {
    this.#server = server;
    this.#options = options;
    this.#seams = seams;
    this.#access = new AccessPolicy(options);
    this.#logger = server.parts.logger;
    this.#streams = new OpenStreams(options.keepAliveMs, options.maxBufferedBytesPerStream);
    const { sessionAdapter } = seams;
    this.#sessions =
      sessionAdapter &&
      new SessionHub(
        { ...seams, sessionAdapter, openStreams: this.#streams, onError: (error) => this.#report(error) },
        options,
      );
    this.#modern = createModernServices(server, options, {
      ...seams,
      openStreams: this.#streams,
      inFlight: this.#inFlight,
    });
  }

  /**
   * Answers one HTTP request, given as the platform's request and response objects. Never rejects; when it resolves
   * the response has ended or its connection is gone.
   */
  async handleRequest(request: unknown, response: unknown): Promise<void> {
    const exchange = this.#seams.platform().open(request, response);
    exposeHeaders(exchange.response);
    try {
      await this.#handle(exchange);
    } catch (error) {
      this.#fail(exchange, error);
    }
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

  /** Tells every client that asked to hear of it, on every instance, that the content of a resource has changed. */
  notifyResourceUpdated(uri: string): Promise<void> {
    return this.#seams.bus.publish({ type: 'resource_updated', server: this.#seams.server, uri });
  }

  stats(): TransportStats {
    return {
      sessions: this.#sessions?.size ?? 0,
      streams: this.#streams.size,
      requests: this.#inFlight.size,
      parkedCalls: this.#modern.conversations.parkedCount,
      subscriptions: this.#modern.listening.size,
    };
  }

  /** Begins to hear of other instances. @internal */
  async start(): Promise<void> {
    await this.#sessions?.start();
    await this.#modern.listening.start();
  }

  /** Tells where the HTTP server listens. @internal */
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
    await this.#modern.listening.close();
    this.#modern.conversations.close();
    await this.#inFlight.drain(this.#options.shutdownGraceMs);
    await this.#sessions?.close();
  }

  async #handle(exchange: HttpExchange): Promise<void> {
    if (this.#isClosing) return this.#refuseClosing(exchange);
    const stranger = this.#access.refuse(exchange.request);
    if (stranger) return refuse(exchange, 403, stranger);
    if (exchange.request.method !== 'POST') return this.#handleWithoutBody(exchange);
    if (this.#options.strictAccept && !isStrictlyAccepting(exchange.request)) {
      return refuse(exchange, 406, 'Accept must name application/json and text/event-stream');
    }
    const body = await this.#readBody(exchange);
    if ('refusal' in body) {
      return sendError(exchange, body.refusal.status, body.refusal.error, {
        headers: { connection: 'close' },
      });
    }
    await this.#serve(exchange, body.value);
  }

  /** GET and DELETE are about sessions, which only legacy clients have. */
  async #handleWithoutBody(exchange: HttpExchange): Promise<void> {
    const endpoint = this.#sessions?.endpoint;
    const { method } = exchange.request;
    const version = exchange.request.headers[HeaderName.ProtocolVersion];
    if (!endpoint || (method !== 'GET' && method !== 'DELETE') || isModern(String(version))) {
      return refuse(exchange, 405, 'Method not allowed', { allow: endpoint ? 'GET, POST, DELETE' : 'POST' });
    }
    const refusal = refuseVersion(version, this.#server.parts.versions);
    if (refusal) return sendError(exchange, refusal.status, refusal.error);
    const context = await this.#context(exchange);
    return method === 'GET' ? endpoint.get(context) : endpoint.delete(context);
  }

  #readBody({ request, body }: HttpExchange) {
    const { maxBodyBytes } = this.#options;
    if (!body) return readJsonBody(request, maxBodyBytes);
    if ('refusal' in body) return body;
    const refusal = refuseByHeaders(request, maxBodyBytes);
    return refusal ? { refusal } : body;
  }

  async #serve(exchange: HttpExchange, body: unknown): Promise<void> {
    const classified = classifyRequest(exchange.request.headers, body, this.#server.parts.versions);
    if (classified.kind === 'rejected') {
      return sendError(exchange, classified.status, classified.error, { id: classified.id });
    }
    if (classified.kind === 'modern-notification') return sendAccepted(exchange);
    const context = await this.#context(exchange);
    if (classified.kind === 'modern') return serveModern(context, classified, this.#modern);
    return this.#sessions
      ? this.#sessions.endpoint.post(context, classified)
      : serveLegacy(context, classified);
  }

  async #context(exchange: HttpExchange): Promise<PostContext> {
    const { principal: readPrincipal = principalOf } = this.#options;
    const principal = await readPrincipal(exchange.platform.request);
    return new PostContext(exchange, readAccept(exchange.request), principal, {
      server: this.#server,
      streams: this.#streams,
      inFlight: this.#inFlight,
    });
  }

  #refuseClosing(exchange: HttpExchange): void {
    const error = new McpError(McpErrorCode.InternalError, 'The server is shutting down');
    sendError(exchange, 503, error, { headers: { connection: 'close', 'retry-after': '1' } });
  }

  #fail(exchange: HttpExchange, error: unknown): void {
    const message = reportUnexpected(error, 'An MCP request', this.#logger);
    const isPassing = error instanceof AdapterUnavailableError;
    const answer = isPassing ? 'The server cannot reach its store; try again' : message;
    sendError(exchange, isPassing ? 503 : 500, new McpError(McpErrorCode.InternalError, answer), {
      ...(isPassing && { headers: { 'retry-after': '1' } }),
    });
  }

  #report(error: unknown): void {
    reportUnexpected(error, 'The session store', this.#logger);
  }
}

function refuse(
  exchange: HttpExchange,
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): void {
  sendError(exchange, status, invalidRequest(message), headers && { headers });
}
