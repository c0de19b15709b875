import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { McpConfigurationError } from '../../../protocol/configuration.error.js';
import { readRequestId } from '../../../protocol/json-rpc.js';
import type { RequestListener } from './direct-mount.js';
import type { BodyLimits, BodyRefusal } from '../http/body-refusal.js';
import { watchBody, readJsonBody, type JsonBody } from '../http/json-body.js';
import { markParsing, toRefusal, type FastifyError, type Refusal } from './fastify-refusal.js';
import { toErrorResponse } from './foreign-refusal.js';
import { HttpExchange, PlatformObjects, sendError } from '../http/http-exchange.js';
import { asServerResponse } from './http2-response.js';
import { lingerAfter } from '../http/connection.js';
import { requestPath } from './request-path.js';

/** Which bodies are ours to read, and by which rules. */
export interface BodyRules extends BodyLimits {
  /** Checks whether a path, as requested or as registered, is the MCP endpoint. */
  readonly isEndpoint: (path: string) => boolean;
  /** Logs an unexpected error; returns the message that a client may see. */
  readonly report: (error: unknown) => string;
}

/** Differences between Express and Fastify; no other module knows of them. */
export interface HttpPlatform {
  /**
   * Reads bodies sent to the endpoint by our rules, and turns every refusal there into JSON-RPC. To be called before the
   * platform's own parser is registered.
   */
  installBodyReader(adapter: AbstractHttpAdapter, rules: BodyRules): void;
  /** The platform's own listener of the `request` event of its HTTP server. */
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

interface ExpressResponse extends ServerResponse {
  readonly req: ExpressRequest;
  send: (this: ExpressResponse, body?: unknown) => ExpressResponse;
}

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
    const { response: prototype } = adapter.getInstance<{ response: ExpressResponse }>();
    const { send } = prototype;
    prototype.send = function (this: ExpressResponse, body) {
      const { req: request, statusCode } = this;
      if (statusCode < 400 || !isEndpoint(requestPath(request))) return send.call(this, body);
      const text = toErrorResponse(statusCode, body, request.body);
      if (text === undefined) return send.call(this, body);
      this.setHeader('content-type', 'application/json');
      return send.call(this, text);
    };
    adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      if (!mayHaveBody(request) || request.readableEnded || !isEndpoint(requestPath(request))) return next();
      readJsonBody(request, limits).then(
        (body) => {
          if ('refusal' in body) {
            refusals.set(request, body.refusal);
            // Other parsers ignore a body without a type.
            delete request.headers['content-type'];
            // The connection cannot be reused, whichever layer answers: part of the body may still be on its way.
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
    return new HttpExchange(raw, response as ServerResponse, bodyOf(raw));
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
  readonly statusCode: number;
  hijack(): void;
  removeHeader(name: string): FastifyReply;
  header(name: string, value: string | number | readonly string[]): FastifyReply;
  getHeaders(): Readonly<Record<string, string | number | string[] | undefined>>;
}

interface FastifyInstance {
  readonly initialConfig: {
    readonly ignoreTrailingSlash?: boolean;
    readonly routerOptions?: { readonly ignoreTrailingSlash?: boolean };
  };
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
  route(route: FastifyRoute): void;
}

interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  bodyLimit?: number;
  path?: string;
  onRequest?: unknown;
  preParsing?: unknown;
  onSend?: unknown;
  errorHandler?: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;
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

  installBodyReader(adapter, { isEndpoint, report, ...limits }) {
    const instance = adapter.getInstance<FastifyInstance>();
    instance.addHook('onRoute', (route) => {
      if (!route.method.includes('POST') || !isEndpoint(route.url)) return;
      // Express finds the route there, too.
      const slashed = `${route.url}/`;
      if (!route.url.endsWith('/') && !ignoresTrailingSlash(instance)) {
        instance.route({ ...route, url: slashed, path: slashed });
      }
      route.bodyLimit = limits.bodyBytes;
      route.onRequest = [route.onRequest ?? [], dropTypeOfNoBody].flat();
      route.preParsing = [route.preParsing ?? [], watchWith(limits)].flat();
      route.onSend = [route.onSend ?? [], refuseInJsonRpc].flat();
      route.errorHandler = (error, request, reply) => {
        const refusal = error.refusal ?? toRefusal(error, request, { report, ...limits });
        refuse({ response: takeOver(reply), requestId: readRequestId(request.body) }, refusal);
      };
    });
  },

  listener: (adapter) => adapter.getInstance<{ routing: RequestListener }>().routing,

  open(request, response) {
    const { raw, body } = request as FastifyRequest;
    const platform = new PlatformObjects(request, response);
    const given = body === undefined ? undefined : { value: body };
    return new HttpExchange(raw, takeOver(response as FastifyReply), given, platform);
  },
};

function ignoresTrailingSlash({ initialConfig }: FastifyInstance): boolean {
  const { ignoreTrailingSlash, routerOptions } = initialConfig;
  return ignoreTrailingSlash ?? routerOptions?.ignoreTrailingSlash ?? false;
}

/** Default methods of `@fastify/cors`: without DELETE, which ends sessions. */
const DEFAULT_CORS_METHODS = 'GET,HEAD,POST';

/** Guards, filters and plugins answer in words of their own. */
function refuseInJsonRpc(
  { body }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void {
  if (reply.getHeaders()['access-control-allow-methods'] === DEFAULT_CORS_METHODS) {
    reply.header('access-control-allow-methods', `${DEFAULT_CORS_METHODS},DELETE`);
  }
  const { statusCode } = reply;
  const text = statusCode < 400 ? undefined : toErrorResponse(statusCode, payload, body);
  if (text === undefined) return done(null, payload);
  reply.header('content-type', 'application/json').removeHeader('content-length');
  done(null, text);
}

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
    markParsing(raw);
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
function takeOver(reply: FastifyReply): ServerResponse {
  const response = asServerResponse(reply.raw);
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  reply.hijack();
  // Headers that guards and interceptors of a handler set from now on have to get there too.
  reply.header = setRawHeader;
  return response;
}

/** The connection cannot be used again: part of the body may still be on its way. */
function refuse(exchange: Pick<HttpExchange, 'response' | 'requestId'>, { status, error }: Refusal): void {
  sendError(exchange, status, error, { headers: { connection: 'close' } });
}

const PLATFORMS: ReadonlyMap<string, HttpPlatform> = new Map([
  ['express', express],
  ['fastify', fastify],
]);

export function findPlatform(adapter: AbstractHttpAdapter): HttpPlatform | undefined {
  return PLATFORMS.get(adapter.getType());
}

/** @throws McpConfigurationError for an adapter that is neither Express nor Fastify. */
export function httpPlatform(adapter: AbstractHttpAdapter): HttpPlatform {
  const platform = findPlatform(adapter);
  if (platform) return platform;
  throw new McpConfigurationError(
    `The HTTP adapter "${adapter.getType()}" is not supported: use @nestjs/platform-express or ` +
      '@nestjs/platform-fastify, or NestFactory.createApplicationContext() with createFetchHandler() of ' +
      'nestjs-mcp-adapters/fetch',
  );
}
