/**
 * When calls of a tool become tasks.
 *
 * @publicApi
 */
export interface McpTaskOptions {
  /**
   * `auto`: a call of a client that knows tasks becomes one when it takes longer than `afterMs`. `required`: every call of
   * such a client is a task from the start, and other clients of 2026-07-28 are refused. `never`: no call is.
   * @default 'auto'
   */
  readonly mode?: 'never' | 'auto' | 'required';
  /** Milliseconds of work, without the time that is spent waiting for the client, after which a call becomes a task. @default 2000 */
  readonly afterMs?: number;
  /** Milliseconds that a task is kept, counted from its creation. @default 3600000 (1 hour) */
  readonly ttlMs?: number;
  /** Milliseconds that clients are asked to wait between two looks at a task. @default 1000 */
  readonly pollIntervalMs?: number;
}

/** The same with every default filled in. */
export type TaskRules = Required<McpTaskOptions>;
