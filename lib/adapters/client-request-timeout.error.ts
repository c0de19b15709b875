/**
 * The client did not answer a question in time.
 *
 * @publicApi
 */
export class ClientRequestTimeoutError extends Error {
  override readonly name = 'ClientRequestTimeoutError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_CLIENT_REQUEST_TIMEOUT';
}
