/**
 * A reader fell so far behind that events it has not seen were dropped from the log.
 *
 * @publicApi
 */
export class EventsLostError extends Error {
  override readonly name = 'EventsLostError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_EVENTS_LOST';
}
