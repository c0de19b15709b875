import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { isNativeError } from 'node:util/types';
import type { LoggerService } from '@nestjs/common';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import { isObject } from '../protocol/json-rpc.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';
import { RetryLaterError } from './retry-later.error.js';

/** Members of a Nest `HttpException`, read by shape so that a second copy of Nest in the tree does no harm. */
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
  if (Array.isArray(message)) return message.map(toText).join('\n');
  return typeof message === 'string' ? message : error.message;
}

/**
 * Logs an unexpected error whole and returns the neutral text a client may see, with a reference into the log.
 * Takes whatever may be thrown.
 */
export function reportUnexpected(
  error: unknown,
  where: string,
  logger: LoggerService,
  text = 'Internal error',
): string {
  const reference = randomUUID();
  const all = withCauses(error);
  const stacks = all.map((each) => (isNativeError(each) ? each.stack : undefined)).filter(Boolean);
  logger.error(
    withoutCredentials(`${where} failed (reference ${reference}): ${all.map(describe).join(', caused by ')}`),
    stacks.length > 0 ? withoutCredentials(stacks.join('\nCaused by: ')) : undefined,
  );
  return `${text} (reference ${reference})`;
}

/** Errors of HTTP clients like to quote the request they sent, with whatever proves who sent it. */
function withoutCredentials(text: string): string {
  return text.replace(/\b(Bearer|Basic|DPoP)\s+(?=\S*[\d=])[\w.~+/-]{8,}=*/gi, '$1 [hidden]');
}

/** Message to clients while the store cannot be reached. */
export const STORE_IS_AWAY = 'The server cannot reach its store; try again';

/** Checks whether a retry may succeed soon: a store is away, or the server is at a limit or shuts down. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AdapterUnavailableError || error instanceof RetryLaterError;
}

/** The error a client receives for whatever was thrown outside a tool. */
export function toMcpError(error: unknown, where: string, logger: LoggerService): McpError {
  if (error instanceof McpError) return withSendableData(error, where, logger);
  if (isHttpException(error)) {
    return new McpError(codeOf(error.getStatus()), httpExceptionMessage(error));
  }
  const message = reportUnexpected(error, where, logger);
  return new McpError(McpErrorCode.InternalError, isRetryable(error) ? STORE_IS_AWAY : message);
}

function codeOf(status: number): number {
  if (status === 429) return McpErrorCode.TooManyRequests;
  return status < 500 ? McpErrorCode.InvalidParams : McpErrorCode.InternalError;
}

function withSendableData(error: McpError, where: string, logger: LoggerService): McpError {
  try {
    JSON.stringify(error.data);
    return error;
  } catch (cause) {
    return new McpError(
      McpErrorCode.InternalError,
      reportUnexpected(cause, `${where}: data of an McpError`, logger),
    );
  }
}

const MAX_CAUSES = 10;

/** The error, what caused it, and the members of an `AggregateError`; a circle ends at the limit. */
function withCauses(error: unknown): unknown[] {
  const all = [error];
  for (let index = 0; index < all.length && all.length < MAX_CAUSES; index++) {
    const each = all[index];
    if (!isObject(each)) continue;
    if (each['cause'] !== undefined) all.push(each['cause']);
    if (Array.isArray(each['errors'])) all.push(...(each['errors'] as unknown[]));
  }
  return all.slice(0, MAX_CAUSES);
}

function describe(error: unknown): string {
  return isNativeError(error) ? `${error.name}: ${error.message}` : inspect(error);
}

/** One entry of a list of messages; a `ValidationError` of class-validator knows how to put itself into words. */
function toText(message: unknown): string {
  return isObject(message) && message.toString === Object.prototype.toString
    ? JSON.stringify(message)
    : String(message);
}
