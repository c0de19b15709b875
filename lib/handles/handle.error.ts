import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** Causes of a `McpHandleError`. */
export type HandleFault = 'unknown' | 'too_many' | 'too_large' | 'busy';

/**
 * A handle cannot be used as requested. If a tool does not catch it, the call ends with a tool error of this message, which
 * tells the model what to do; elsewhere it is an error of the request (`-32602`).
 *
 * @publicApi
 */
export class McpHandleError extends McpError {
  override readonly name = 'McpHandleError';

  constructor(
    /**
     * `unknown`: there is no such value for this caller; `too_many`, `too_large`: a limit of the module option `handles`;
     * `busy`: other calls changed the value all the time.
     */
    readonly fault: HandleFault,
    message: string,
  ) {
    super(McpErrorCode.InvalidParams, message);
  }
}
