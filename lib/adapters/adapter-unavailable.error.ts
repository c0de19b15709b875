/**
 * The store behind an adapter cannot be reached. An adapter throws it (or a class of its own that extends it) for a
 * failure that passes, with what happened as `cause`; a request that needs the store is then answered 503.
 *
 * @publicApi
 */
export class AdapterUnavailableError extends Error {
  override readonly name: string = 'AdapterUnavailableError';
  /** Stable identifier of this family of errors. */
  readonly code = 'MCP_ADAPTER_UNAVAILABLE';
}
