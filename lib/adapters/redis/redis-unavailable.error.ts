/**
 * Redis could not be reached, or did not answer in time. Nothing may be concluded about whether the command was carried
 * out; what was asked may be asked again later.
 *
 * @publicApi
 */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_REDIS_UNAVAILABLE';
}
