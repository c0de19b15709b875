import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** Tells a client that the same request may succeed soon. Answered 503 with `Retry-After`, as long as nothing else has been said. */
export class RetryLaterError extends McpError {
  override readonly name = 'RetryLaterError';

  constructor(message: string) {
    super(McpErrorCode.InternalError, message);
  }
}
