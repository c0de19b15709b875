/**
 * The client answered a question with an error, or with something that is no answer to it.
 *
 * Local: what the handler does not catch becomes a tool error with this message.
 *
 * @publicApi
 */
export class McpClientAnswerError extends Error {
  override readonly name = 'McpClientAnswerError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_CLIENT_ANSWER';

  /** `clientCode` is the client's own JSON-RPC error code, if it sent one. */
  constructor(
    message: string,
    readonly clientCode?: number,
    readonly data?: unknown,
  ) {
    super(message);
  }
}
