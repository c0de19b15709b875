/**
 * Thrown while the application starts when an option, a decorator or a provider cannot work.
 *
 * The message names the option or `Class.method` and says what to change. Never sent to a client.
 *
 * @publicApi
 */
export class McpConfigurationError extends Error {
  override readonly name = 'McpConfigurationError';
  /** Stable identifier of this family of errors. */
  readonly code = 'MCP_CONFIGURATION';
}
