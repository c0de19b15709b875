import type { INestApplicationContext } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { ProtectedResource } from '../auth/protected-resource.js';
import { isRetryable, reportUnexpected, STORE_IS_AWAY } from '../calls/failure.js';
import { findServer } from '../mcp.server-lookup.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { FetchRequest } from '../transports/fetch/fetch-request.js';
import { FetchResponse } from '../transports/fetch/fetch-response.js';
import { HttpExchange, sendError } from '../transports/streamable-http/http/http-exchange.js';
import { requestPath } from '../transports/streamable-http/platform/request-path.js';
import { StreamableHttpTransport } from '../transports/streamable-http/streamable-http.transport.js';

/**
 * Answers one HTTP request, whose body nobody has read. Never rejects; the answer may be a stream that goes on long after it
 * was returned.
 *
 * @publicApi
 */
export type FetchHandler = (request: Request) => Promise<Response>;

/**
 * Which server answers, and to whom.
 *
 * @publicApi
 */
export interface FetchHandlerOptions {
  /** Name of the server, where the application has several. @default the one without a name, or the only one */
  readonly name?: string;
  /**
   * Resolves the address of a client, by which limits are divided among unauthenticated clients: a header that the host
   * sets itself, such as `cf-connecting-ip`. Guards find it in `request.ip`. @default unknown: they share one limit
   */
  readonly clientAddress?: (request: Request) => string | undefined;
}

/**
 * Serves an MCP server of an application to any host that speaks the Fetch API: Workers, Deno, Bun, Hono, Next. The
 * application needs no HTTP platform, `NestFactory.createApplicationContext()` is enough.
 *
 * The host routes: every path is the endpoint, save those of the metadata of `auth` below
 * `/.well-known/oauth-protected-resource`, which are to be sent here, too. Body limits, access by `allowedHosts` and
 * `allowedOrigins`, and the CORS of the latter are those of `mount: 'direct'`. A body that its host cancels, and a `signal`
 * that it aborts, end the call as a closed connection does. Handlers and guards find the request as one of Node, with the
 * given one in `request.original`.
 *
 * Streams that have nothing to say send a comment every `keepAliveMs`: set it below the time after which the host closes
 * idle connections (`idleTimeout` of Bun is 10 seconds).
 *
 * Does nothing but look the server up: the store is opened with the first request.
 *
 * @throws McpConfigurationError when the application has no such server.
 * @publicApi
 */
export function createFetchHandler(
  app: INestApplicationContext,
  { name, clientAddress }: FetchHandlerOptions = {},
): FetchHandler {
  const { get, options } = findServer(app, 'createFetchHandler()', name);
  const { logger, allowedHosts, allowedOrigins } = options;
  const transport = get(StreamableHttpTransport);
  const resource = get(ProtectedResource);
  if (!allowedHosts && !allowedOrigins) {
    logger.warn(
      'createFetchHandler() accepts any Host and Origin. Set allowedHosts (and allowedOrigins for browsers)',
    );
  }
  const start = once(async () => {
    await app.init();
    // An application with HTTP has started the transport itself.
    const { httpAdapter } = app.get<{ httpAdapter?: AbstractHttpAdapter | null }>(HttpAdapterHost);
    if (!httpAdapter) await transport.start();
  });

  async function serve(exchange: HttpExchange): Promise<void> {
    const { request, response } = exchange;
    try {
      await start();
    } catch (error) {
      const message = reportUnexpected(error, 'The start of the MCP server', logger);
      const [status, answer] = isRetryable(error) ? [503, STORE_IS_AWAY] : [500, message];
      return sendError(exchange, status, new McpError(McpErrorCode.InternalError, answer));
    }
    if (resource?.has(requestPath(request))) return resource.serve(exchange);
    await transport.handleRaw(request, response);
  }

  function answer(original: Request): Promise<Response> {
    const request = new FetchRequest(original, clientAddress?.(original));
    if (request.isTaken) {
      throw new Error(
        'The body of the Request was read before createFetchHandler() got it: give it a clone, request.clone()',
      );
    }
    const response = new FetchResponse(request);
    // Not every host has one.
    const signal = original.signal as AbortSignal | undefined;
    const leave = () => {
      // A client that has left is not waited for, and what it has sent by then is not run.
      request.destroy();
      response.leave();
    };
    signal?.addEventListener('abort', leave, { once: true });
    response.once('close', () => {
      signal?.removeEventListener('abort', leave);
      request.discard();
    });
    if (signal?.aborted) leave();
    serve(new HttpExchange(request.asNode, response.asNode, undefined)).catch((error: unknown) => {
      reportUnexpected(error, 'The answer to a request', logger);
      response.destroy();
    });
    return response.response;
  }

  return async (original) => {
    try {
      return await answer(original);
    } catch (error) {
      const message = reportUnexpected(error, 'A request to the fetch handler', logger);
      const body = { jsonrpc: '2.0', id: null, error: { code: McpErrorCode.InternalError, message } };
      return Response.json(body, { status: 500 });
    }
  };
}

/** Runs the work once, and again if it has failed. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () =>
    (running ??= work().catch((error: unknown) => {
      running = undefined;
      throw error;
    }));
}
