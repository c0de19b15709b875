import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import { sendError, type HttpExchange } from './http-exchange.js';
import {
  bodyTooLarge,
  foreignType,
  readJsonBody,
  unreadableBody,
  type BodyRefusal,
  type JsonBody,
} from './json-body.js';

/** Which bodies are ours to read, and by which rules. */
export interface BodyRules {
  readonly maxBodyBytes: number;
  /** Whether a path, as requested or as registered, is the MCP endpoint. */
  readonly isEndpoint: (path: string) => boolean;
}

/** What Express and Fastify do differently. The only place that knows. */
export interface HttpPlatform {
  /** Reads bodies sent to the endpoint by our rules. To be called before the platform's own parser is registered. */
  installBodyReader(adapter: AbstractHttpAdapter, rules: BodyRules): void;
  open(request: unknown, response: unknown): HttpExchange;
}

type ExpressRequest = IncomingMessage & { body?: unknown; originalUrl?: string };

/** Why bodies could not be taken, until the route answers: CORS, middleware and guards come before it. */
const refusals = new WeakMap<IncomingMessage, BodyRefusal>();

const express: HttpPlatform = {
  installBodyReader(adapter, { maxBodyBytes, isEndpoint }) {
    adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      const path = (request.originalUrl ?? request.url ?? '').split('?', 1)[0] ?? '';
      if (!mayHaveBody(request) || request.readableEnded || !isEndpoint(path)) return next();
      readJsonBody(request, maxBodyBytes).then(
        (body) => {
          if ('refusal' in body) {
            refusals.set(request, body.refusal);
            // What has no type is left alone by every other parser.
            delete request.headers['content-type'];
            // The connection cannot be used again, whoever answers: part of the body may still be on its way.
            response.setHeader('connection', 'close');
          } else {
            request.body = body.value;
          }
          next();
        },
        () => response.destroy(),
      );
    });
  },

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
  getHeaders(): Readonly<Record<string, string | number | string[] | undefined>>;
}

interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  bodyLimit?: number;
  onRequest?: unknown;
  errorHandler?: (
    error: { code?: string; statusCode?: number },
    request: unknown,
    reply: FastifyReply,
  ) => void;
}

const fastify: HttpPlatform = {
  installBodyReader(adapter, { maxBodyBytes, isEndpoint }) {
    const instance = adapter.getInstance<{
      addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
    }>();
    instance.addHook('onRoute', (route) => {
      if (!route.method.includes('POST') || !isEndpoint(route.url)) return;
      route.bodyLimit = maxBodyBytes;
      route.onRequest = [route.onRequest ?? [], dropTypeOfNoBody].flat();
      route.errorHandler = (error, _request, reply) =>
        refuse(takeOver(reply), toRefusal(error, maxBodyBytes));
    });
  },

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

/** From here on the response is written with Node's means; headers that hooks have set so far are kept. */
function takeOver(reply: FastifyReply): { response: ServerResponse } {
  const response = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value);
  }
  reply.hijack();
  return { response };
}

function toRefusal(error: { code?: string; statusCode?: number }, maxBodyBytes: number): Refusal {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(maxBodyBytes);
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return foreignType;
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
