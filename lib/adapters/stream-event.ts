/**
 * Position of an event in the log of its stream. Made by the adapter, opaque to all other code; visible ASCII without
 * line breaks, since it travels as the `id` of a server-sent event.
 *
 * @publicApi
 */
export type EventId = string;

/**
 * One message in the log of a stream.
 *
 * @publicApi
 */
export interface StreamEvent {
  readonly id: EventId;
  /** As given to `appendEvent`. */
  readonly message: unknown;
}
