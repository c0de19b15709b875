/**
 * The session of a legacy client: a place for small values that outlive a request. Kept by the `SessionAdapter`, so
 * every instance sees the same.
 *
 * Modern requests and stateless servers have none, and reading `ctx.session` there throws `McpSessionUnavailableError`.
 *
 * @publicApi
 */
export interface McpSession {
  readonly id: string;

  /** A copy of what was set; `undefined` if nothing was. */
  get<T = unknown>(key: string): Promise<T | undefined>;

  /**
   * Keeps a JSON value, replacing what the key held. The state of a session may hold 64 KiB of JSON in all.
   *
   * @throws RangeError when it would hold more, or the value is not JSON.
   */
  set(key: string, value: unknown): Promise<void>;

  delete(key: string): Promise<void>;
}
