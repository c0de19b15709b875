/**
 * Number of items now open at this instance, by kind.
 *
 * @publicApi
 */
export interface TransportStats {
  /** Sessions served lately. */
  readonly sessions: number;
  /** Responses that are streams. */
  readonly streams: number;
  /** POSTs that are not answered yet. */
  readonly requests: number;
  /** Calls of modern clients that wait for an answer. */
  readonly parkedCalls: number;
  /** Questions to clients that are not answered yet, of sessions and parked calls. */
  readonly pendingQuestions: number;
  /** Open `subscriptions/listen` streams. */
  readonly subscriptions: number;
  /** Tasks that run. */
  readonly tasks: number;
}
