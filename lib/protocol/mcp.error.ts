import { IntrinsicException } from '@nestjs/common';
import type { JsonRpcErrorObject } from './json-rpc.js';

/**
 * Codes that JSON-RPC and the specification define.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-codes
 * @publicApi
 */
export const McpErrorCode = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  /** Legacy revisions only; `InvalidParams` since 2026-07-28. */
  ResourceNotFound: -32002,
  HeaderMismatch: -32020,
  MissingRequiredClientCapability: -32021,
  UnsupportedProtocolVersion: -32022,
  /** Answered with HTTP status 429, as long as nothing else has been said. Not of the specification. */
  TooManyRequests: 429,
} as const;

/**
 * An error that goes to the client as a JSON-RPC error.
 *
 * Throw it from a handler to answer with a protocol error instead of a tool result marked `isError`. The message and
 * `data` reach the client as they are, so they must hold nothing internal. Codes of your own belong outside
 * `-32768 … -32000`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#error-responses
 * @publicApi
 */
// Nest's base class keeps its exception handler from logging, as a failure of the server, what was thrown on purpose.
export class McpError extends IntrinsicException {
  override readonly name: string = 'McpError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The `error` member of the response. */
  toJSON(): JsonRpcErrorObject {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }
}

export function invalidRequest(message: string): McpError {
  return new McpError(McpErrorCode.InvalidRequest, message);
}

export function invalidParams(message: string, data?: unknown): McpError {
  return new McpError(McpErrorCode.InvalidParams, message, data);
}

export function methodNotFound(method: string): McpError {
  return new McpError(McpErrorCode.MethodNotFound, `Method not found: ${method}`);
}

export function headerMismatch(message: string): McpError {
  return new McpError(McpErrorCode.HeaderMismatch, `Header mismatch: ${message}`);
}

export function unsupportedProtocolVersion(supported: readonly string[], requested: string): McpError {
  return new McpError(McpErrorCode.UnsupportedProtocolVersion, 'Unsupported protocol version', {
    supported,
    requested,
  });
}
