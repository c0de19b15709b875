/**
 * A handler asked its client something that the configured server cannot ask.
 *
 * Local: the client never sees this message. It says which option of the module is missing.
 *
 * @publicApi
 */
export class McpAdapterMissingError extends Error {
  override readonly name = 'McpAdapterMissingError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_ADAPTER_MISSING';
}
