import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** Failure after which the same request may succeed soon. Answered 503 with `Retry-After`, unless an answer has begun. */
export class RetryLaterError extends McpError {
  override readonly name = 'RetryLaterError';

  constructor(message: string) {
    super(McpErrorCode.InternalError, message);
  }
}
