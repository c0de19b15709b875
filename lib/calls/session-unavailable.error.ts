/**
 * A handler asked for the session of a request that has none.
 *
 * Local: the client never sees this message. It says what to do instead.
 *
 * @publicApi
 */
export class McpSessionUnavailableError extends Error {
  override readonly name = 'McpSessionUnavailableError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_SESSION_UNAVAILABLE';
}
