import type { IncomingMessage } from 'node:http';
import { McpError, McpErrorCode } from '../../../protocol/mcp.error.js';
import { httpExceptionMessage, isHttpException } from '../../../calls/failure.js';
import {
  bodyTooLarge,
  encodedBody,
  foreignType,
  unreadableBody,
  type BodyRefusal,
} from '../http/body-refusal.js';
import { refusalOf } from './foreign-refusal.js';
import { isEncoded } from '../http/json-body.js';

/** An error of a hook, a parser or Fastify itself. */
export interface FastifyError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly statusCode?: number;
  /** Why we made it. */
  readonly refusal?: BodyRefusal;
}

/** Why a request came to no answer, as the client is told. */
export type Refusal = BodyRefusal | { readonly status: number; readonly error: McpError };

interface ErrorRules {
  readonly bodyBytes: number;
  readonly report: (error: unknown) => string;
}

/** Mark of requests that have come as far as their body: on the request, as a WeakSet costs a small call 1 % of its time. */
const IS_PARSED = Symbol('isParsed');

interface MarkedRequest extends IncomingMessage {
  [IS_PARSED]?: true;
}

/** Remembers that from now on errors are those of a parser, until there is a body. */
export function markParsing(request: MarkedRequest): void {
  request[IS_PARSED] = true;
}

/** Maps an error to the refusal that the client gets; unexpected errors are reported. */
export function toRefusal(
  error: FastifyError,
  request: { readonly raw: MarkedRequest; readonly body: unknown },
  { bodyBytes, report }: ErrorRules,
): Refusal {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(bodyBytes);
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return foreignType;
  // Middleware passes on what Nest knows.
  if (isHttpException(error)) {
    return { status: error.getStatus(), error: refusalOf(error.getStatus(), httpExceptionMessage(error)) };
  }
  const { name, message, statusCode = 500 } = error;
  if (request.raw.method === 'POST' && request.body === undefined && request.raw[IS_PARSED]) {
    if (isEncoded(request.raw)) return encodedBody;
    // Parsers of the application give no status to what JSON.parse throws.
    if (statusCode === 400 || name === 'SyntaxError') return unreadableBody;
  }
  if (statusCode !== 500) return { status: statusCode, error: refusalOf(statusCode, message) };
  return { status: 500, error: new McpError(McpErrorCode.InternalError, report(error)) };
}
