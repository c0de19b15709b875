import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { RequestListener } from './direct-mount.js';
import {
  bodyTooLarge,
  encodedBody,
  foreignType,
  unreadableBody,
  type BodyLimits,
  type BodyRefusal,
} from './body-refusal.js';
import { watchBody } from './body-watch.js';
import { sendError, type HttpExchange } from './http-exchange.js';
import { isEncoded, readJsonBody, type JsonBody } from './json-body.js';
import { asServerResponse } from './http2-response.js';
import { lingerAfter } from './lingering-close.js';
import { requestPath } from './request-path.js';

/** Which bodies are ours to read, and by which rules. */
export interface BodyRules extends BodyLimits {
  /** Whether a path, as requested or as registered, is the MCP endpoint. */
  readonly isEndpoint: (path: string) => boolean;
}

/** What Express and Fastify do differently. The only place that knows. */
export interface HttpPlatform {
  /** Reads bodies sent to the endpoint by our rules. To be called before the platform's own parser is registered. */
  installBodyReader(adapter: AbstractHttpAdapter, rules: BodyRules): void;
  /** What the platform has listen to the `request` event of its HTTP server. */
  listener(adapter: AbstractHttpAdapter): RequestListener;
  /** Answers requests for some paths before guards and routes see them. To be called before the application has routes. */
  intercept(adapter: AbstractHttpAdapter, pages: InterceptedPages): void;
  open(request: unknown, response: unknown): HttpExchange;
}

/** Pages that are no part of the application. */
export interface InterceptedPages {
  readonly has: (path: string) => boolean;
  readonly serve: (exchange: HttpExchange) => void;
}

type ExpressRequest = IncomingMessage & { body?: unknown; originalUrl?: string };

/** Why bodies could not be taken, until the route answers: CORS, middleware and guards come before it. */
const refusals = new WeakMap<IncomingMessage, BodyRefusal>();

const express: HttpPlatform = {
  intercept(adapter, { has, serve }) {
    adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      if (has(requestPath(request))) serve(express.open(request, response));
      else next();
    });
  },

  installBodyReader(adapter, { isEndpoint, ...limits }) {
    adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      if (!mayHaveBody(request) || request.readableEnded || !isEndpoint(requestPath(request))) return next();
      readJsonBody(request, limits).then(
        (body) => {
          if ('refusal' in body) {
            refusals.set(request, body.refusal);
            // What has no type is left alone by every other parser.
            delete request.headers['content-type'];
            // The connection cannot be used again, whoever answers: part of the body may still be on its way.
            response.setHeader('connection', 'close');
            lingerAfter(response);
          } else {
            request.body = body.value;
          }
          next();
        },
        () => response.destroy(),
      );
    });
  },

  listener: (adapter) => adapter.getInstance<RequestListener>(),

  open(request, response) {
    const raw = request as ExpressRequest;
    return {
      request: raw,
      response: response as ServerResponse,
      platform: { request, response },
      body: bodyOf(raw),
    };
  },
};

function bodyOf(request: ExpressRequest): JsonBody | undefined {
  const refusal = refusals.get(request);
  if (refusal) return { refusal };
  return request.readableEnded ? { value: request.body } : undefined;
}

function mayHaveBody({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' || 'transfer-encoding' in headers || 'content-length' in headers;
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly body: unknown;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): void;
  header(name: string, value: string | number | readonly string[]): FastifyReply;
  getHeaders(): Readonly<Record<string, string | number | string[] | undefined>>;
}

interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  bodyLimit?: number;
  onRequest?: unknown;
  preParsing?: unknown;
  errorHandler?: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;
}

interface FastifyError {
  readonly code?: string;
  readonly statusCode?: number;
  /** Why we made it. */
  readonly refusal?: BodyRefusal;
}

const fastify: HttpPlatform = {
  intercept(adapter, { has, serve }) {
    const instance = adapter.getInstance<{ addHook(name: 'onRequest', hook: typeof answer): void }>();
    const answer = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      if (has(requestPath(request.raw))) serve(fastify.open(request, reply));
      else done();
    };
    instance.addHook('onRequest', answer);
  },

  installBodyReader(adapter, { isEndpoint, ...limits }) {
    const instance = adapter.getInstance<{
      addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
    }>();
    instance.addHook('onRoute', (route) => {
      if (!route.method.includes('POST') || !isEndpoint(route.url)) return;
      route.bodyLimit = limits.maxBodyBytes;
      route.onRequest = [route.onRequest ?? [], dropTypeOfNoBody].flat();
      route.preParsing = [route.preParsing ?? [], watchWith(limits)].flat();
      route.errorHandler = (error, { raw }, reply) =>
        refuse(takeOver(reply), error.refusal ?? toRefusal(error, raw, limits.maxBodyBytes));
    });
  },

  listener: (adapter) => adapter.getInstance<{ routing: RequestListener }>().routing,

  open(request, response) {
    const { raw, body } = request as FastifyRequest;
    return {
      request: raw,
      ...takeOver(response as FastifyReply),
      platform: { request, response },
      body: body === undefined ? undefined : { value: body },
    };
  },
};

/** Clients that name a type for the body they do not send mean no harm, but Fastify would take it for a broken one. */
function dropTypeOfNoBody({ raw }: FastifyRequest, _reply: unknown, done: () => void): void {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = raw.headers;
  if (raw.method !== 'POST' && encoding === undefined && length === '0') delete raw.headers['content-type'];
  done();
}

/** Fastify goes on to read the body, and takes what we find in it for an error of its stream. */
function watchWith(limits: BodyLimits) {
  return (
    { raw }: FastifyRequest,
    _reply: unknown,
    payload: Readable,
    done: (...args: unknown[]) => void,
  ) => {
    watchBody(raw, payload, limits, (refusal) => {
      const error = Object.assign(new Error(refusal.error.message), { statusCode: refusal.status, refusal });
      if (payload.listenerCount('error') > 0) payload.emit('error', error);
    });
    done(null, payload);
  };
}

/** One function for all replies: to make one for each would keep what it refers to alive for long. */
function setRawHeader(
  this: FastifyReply,
  name: string,
  value: string | number | readonly string[],
): FastifyReply {
  this.raw.setHeader(name, value);
  return this;
}

/** From here on the response is written with Node's means; headers that hooks have set so far are kept. */
function takeOver(reply: FastifyReply): { response: ServerResponse } {
  const response = asServerResponse(reply.raw);
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  reply.hijack();
  // What guards and interceptors of a handler set from now on has to get there too.
  reply.header = setRawHeader;
  return { response };
}

function toRefusal(error: FastifyError, request: IncomingMessage, maxBodyBytes: number): Refusal {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(maxBodyBytes);
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return foreignType;
  if (isEncoded(request)) return encodedBody;
  const status = error.statusCode ?? 500;
  if (status === 400) return unreadableBody;
  return status < 500
    ? { status, error: invalidRequest('The request was refused') }
    : { status, error: new McpError(McpErrorCode.InternalError, 'Internal error') };
}

type Refusal = BodyRefusal | { readonly status: number; readonly error: McpError };

/** The connection cannot be used again: part of the body may still be on its way. */
function refuse(exchange: Pick<HttpExchange, 'response'>, { status, error }: Refusal): void {
  sendError(exchange, status, error, { headers: { connection: 'close' } });
}

const PLATFORMS: ReadonlyMap<string, HttpPlatform> = new Map([
  ['express', express],
  ['fastify', fastify],
]);

export function httpPlatform(adapter: AbstractHttpAdapter): HttpPlatform {
  const platform = PLATFORMS.get(adapter.getType());
  if (platform) return platform;
  throw new McpConfigurationError(
    `The HTTP adapter "${adapter.getType()}" is not supported: use @nestjs/platform-express or @nestjs/platform-fastify`,
  );
}
