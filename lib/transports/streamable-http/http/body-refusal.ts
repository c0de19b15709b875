import { invalidRequest, McpError, McpErrorCode } from '../../../protocol/mcp.error.js';

/** Limits of a body, in memory and time. */
export interface BodyLimits {
  readonly bodyBytes: number;
  /** From the head of the request to the last byte of its body. */
  readonly requestTimeoutMs: number;
}

/** Reason that a body could not be taken for, as the client is told. */
export interface BodyRefusal {
  readonly status: 400 | 408 | 413 | 415;
  readonly error: McpError;
}

export const unreadableBody: BodyRefusal = {
  status: 400,
  error: new McpError(McpErrorCode.ParseError, 'The body is not readable JSON'),
};

export const foreignType: BodyRefusal = {
  status: 415,
  error: invalidRequest('Content-Type must be application/json'),
};

export const encodedBody: BodyRefusal = {
  status: 415,
  error: invalidRequest('A body with a Content-Encoding is not read'),
};

export function tooManyParts(excess: string): BodyRefusal {
  return { status: 400, error: invalidRequest(excess) };
}

export function bodyTooLate(requestTimeoutMs: number): BodyRefusal {
  return { status: 408, error: invalidRequest(`The body must arrive within ${requestTimeoutMs} ms`) };
}

export function bodyTooLarge(bodyBytes: number): BodyRefusal {
  return { status: 413, error: invalidRequest(`The body may hold ${bodyBytes} bytes at most`) };
}
