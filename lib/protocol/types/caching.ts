/**
 * How long and for whom a result may be kept, told to modern clients.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching
 * @publicApi
 */
export interface CacheHint {
  /** Milliseconds a client may consider the result fresh; an integer, 0 or more. */
  readonly ttlMs?: number;
  /** `public` only for what is the same for every caller. */
  readonly cacheScope?: 'public' | 'private';
}
