import type { LoggerService } from '@nestjs/common';
import { classifyRequest } from '../../protocol/classify-request.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { McpServer } from '../../server/mcp.server.js';
import { isStrictlyAccepting, readAccept } from './accept.js';
import { AccessPolicy, type AccessOptions } from './access-policy.js';
import { sendAccepted, sendError, type HttpExchange } from './http-exchange.js';
import type { HttpPlatform } from './http-platform.js';
import { InFlight } from './in-flight.js';
import { readJsonBody, refuseByHeaders } from './json-body.js';
import { serveLegacy } from './legacy.endpoint.js';
import { serveModern } from './modern.endpoint.js';
import { OpenStreams } from './open-streams.js';
import { PostContext } from './post-context.js';
import { principalOf } from './principal.js';

/** How the transport behaves; every field is decided by the module's options. */
export interface StreamableHttpOptions extends AccessOptions {
  readonly maxBodyBytes: number;
  readonly strictAccept: boolean;
  readonly keepAliveMs: number;
  readonly shutdownGraceMs: number;
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
  readonly #platform: () => HttpPlatform;
  readonly #access: AccessPolicy;
  readonly #logger: LoggerService;
  readonly #inFlight = new InFlight();
  readonly #streams: OpenStreams;
  #isClosing = false;

  /** @internal */
  constructor(server: McpServer, options: StreamableHttpOptions, platform: () => HttpPlatform) {
    this.#server = server;
    this.#options = options;
    this.#platform = platform;
    this.#access = new AccessPolicy(options);
    this.#logger = server.parts.logger;
    this.#streams = new OpenStreams(options.keepAliveMs);
  }

  /**
   * Answers one HTTP request, given as the platform's request and response objects. Never rejects; when it resolves
   * the response has ended or its connection is gone.
   */
  async handleRequest(request: unknown, response: unknown): Promise<void> {
    const exchange = this.#platform().open(request, response);
    try {
      await this.#handle(exchange);
    } catch (error) {
      this.#logger.error(`An MCP request failed: ${String(error)}`, (error as Error | undefined)?.stack);
      sendError(exchange, 500, new McpError(McpErrorCode.InternalError, 'Internal error'));
    }
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
    await this.#inFlight.drain(this.#options.shutdownGraceMs);
  }

  async #handle(exchange: HttpExchange): Promise<void> {
    if (this.#isClosing) return refuse(exchange, 503, 'The server is shutting down', { connection: 'close' });
    const stranger = this.#access.refuse(exchange.request);
    if (stranger) return refuse(exchange, 403, stranger);
    if (exchange.request.method !== 'POST') return refuse(exchange, 405, 'Method not allowed', { allow: 'POST' });
    if (this.#options.strictAccept && !isStrictlyAccepting(exchange.request)) {
      return refuse(exchange, 406, 'Accept must name application/json and text/event-stream');
    }
    const body = await this.#readBody(exchange);
    if ('refusal' in body) {
      return sendError(exchange, body.refusal.status, body.refusal.error, { headers: { connection: 'close' } });
    }
    await this.#serve(exchange, body.value);
  }

  #readBody({ request, parsedBody }: HttpExchange) {
    const { maxBodyBytes } = this.#options;
    if (parsedBody === undefined) return readJsonBody(request, maxBodyBytes);
    const refusal = refuseByHeaders(request, maxBodyBytes);
    return refusal ? { refusal } : { value: parsedBody };
  }

  async #serve(exchange: HttpExchange, body: unknown): Promise<void> {
    const { versions, registry } = this.#server.parts;
    const classified = classifyRequest(exchange.request.headers, body, versions);
    if (classified.kind === 'rejected') {
      return sendError(exchange, classified.status, classified.error, { id: classified.id });
    }
    if (classified.kind === 'modern-notification') return sendAccepted(exchange);

    const post = new PostContext(exchange, readAccept(exchange.request), principalOf(exchange.platform.request), {
      server: this.#server,
      streams: this.#streams,
      inFlight: this.#inFlight,
    });
    if (classified.kind === 'legacy') return serveLegacy(post, classified);
    return serveModern(post, classified, registry);
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
