/**
 * Limits of a server. Counts are per instance; each is an integer of 1 or more.
 *
 * @publicApi
 */
export interface McpLimits {
  /** Most bytes a request body may have; more is answered 413. @default 4194304 (4 MiB) */
  readonly bodyBytes?: number;

  /**
   * Sessions this instance serves at a time; the one used longest ago makes room for a new one, of the caller that has most.
   * Where all are in use, the newest of that caller ends for another that has fewer. Callers are told apart by principal,
   * those without one by address. One that other instances have served, too, is let go of, and not ended.
   * @default 10000
   */
  readonly sessions?: number;

  /** Sessions of one principal at this instance. @default 1000 */
  readonly sessionsPerPrincipal?: number;

  /** Streams and running requests a session may have at a time; more is answered 429. @default 32 */
  readonly streamsPerSession?: number;

  /** Newest events kept per session in a `store`, over all its streams, for clients that resume. @default 1024 */
  readonly eventsPerSession?: number;

  /** Bytes of those events. The newest one is kept whatever its size. @default 1048576 (1 MiB) */
  readonly eventBytesPerSession?: number;

  /**
   * Bytes that may wait for a client that reads slowly; for a second it may be eight times as much, as a handler can say much
   * at once. Beyond that progress and logs are left out and updates of the same resource told once; answers never are. A
   * client that reads nothing is disconnected. Handlers that await what they say are held back long before.
   * @default 1048576 (1 MiB)
   */
  readonly bufferedBytesPerStream?: number;

  /**
   * Calls of modern clients that may wait for an answer at this instance; one more is answered 503. When a caller that has
   * fewer needs a place, the newest of the caller that has most ends. Who has no principal is told apart by address.
   * @default 1000
   */
  readonly parkedCalls?: number;

  /** Open `subscriptions/listen` streams at this instance, shared like `parkedCalls`. @default 10000 */
  readonly subscriptions?: number;

  /**
   * Tasks that run at this instance. A call that would be one more stays an ordinary call, or is answered 503 where it must
   * be a task. What was handed over or taken over from another instance does not count.
   * @default 1000
   */
  readonly tasks?: number;

  /** The same for one principal; those without one are told apart by address. @default 100 */
  readonly tasksPerPrincipal?: number;

  /**
   * Open tasks of one principal whose tool hands over, at all instances that share the store; those without a principal are
   * told apart by address. A call that would be one more is answered 503.
   * @default 100
   */
  readonly handedOverTasksPerPrincipal?: number;

  /** Handles of one principal at a time, of all kinds; those without one are told apart by address. @default 100 */
  readonly handlesPerPrincipal?: number;

  /** Bytes of the JSON of the value of one handle. @default 65536 (64 KiB) */
  readonly handleBytes?: number;
}

/** The limits that a server has if its options do not say. */
export const DEFAULT_LIMITS: Required<McpLimits> = {
  bodyBytes: 4 * 1024 * 1024,
  sessions: 10_000,
  sessionsPerPrincipal: 1_000,
  streamsPerSession: 32,
  eventsPerSession: 1_024,
  eventBytesPerSession: 1024 * 1024,
  bufferedBytesPerStream: 1024 * 1024,
  parkedCalls: 1_000,
  subscriptions: 10_000,
  tasks: 1_000,
  tasksPerPrincipal: 100,
  handedOverTasksPerPrincipal: 100,
  handlesPerPrincipal: 100,
  handleBytes: 64 * 1024,
};
