import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import { isObject } from '../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** What a Nest `HttpException` offers, read by shape so that a second copy of Nest in the tree does no harm. */
interface HttpExceptionLike {
  getStatus(): number;
  getResponse(): unknown;
  readonly message: string;
}

export function isHttpException(error: unknown): error is HttpExceptionLike {
  return (
    isObject(error) && typeof error['getStatus'] === 'function' && typeof error['getResponse'] === 'function'
  );
}

/** The text of an `HttpException`, with every message a validation pipe listed. */
export function httpExceptionMessage(error: HttpExceptionLike): string {
  const response = error.getResponse();
  if (typeof response === 'string') return response;
  const message = isObject(response) ? response['message'] : undefined;
  if (Array.isArray(message)) return message.join('\n');
  return typeof message === 'string' ? message : error.message;
}

/** Logs an unexpected error whole and returns the neutral text a client may see, with a reference into the log. */
export function reportUnexpected(error: unknown, where: string, logger: LoggerService): string {
  const reference = randomUUID();
  const stack = isObject(error) && typeof error['stack'] === 'string' ? error['stack'] : undefined;
  logger.error(`${where} failed (reference ${reference}): ${describe(error)}`, stack);
  return `Internal error (reference ${reference})`;
}

/** The error a client receives for whatever was thrown outside a tool. */
export function toMcpError(error: unknown, where: string, logger: LoggerService): McpError {
  if (error instanceof McpError) return error;
  if (isHttpException(error)) {
    const code = error.getStatus() < 500 ? McpErrorCode.InvalidParams : McpErrorCode.InternalError;
    return new McpError(code, httpExceptionMessage(error));
  }
  return new McpError(McpErrorCode.InternalError, reportUnexpected(error, where, logger));
}

function describe(error: unknown): string {
  const cause = isObject(error) && isObject(error['cause']) ? ` (cause: ${describe(error['cause'])})` : '';
  return String(error) + cause;
}
