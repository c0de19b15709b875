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
  /**
   * Set to run a task again from the top at another instance when its own has ended, with the answers of the client and the
   * results of `ctx.once()` so far. A block that was begun and has no result fails the task, unless it sets `retry`. If not
   * set, the task fails. Needs a store that instances share, and `requestStateSecret`.
   *
   * Guards and `visible` are asked when the call comes, and not again: `ctx.http` is gone then.
   * @default false
   */
  readonly restartable?: boolean;
  /**
   * Set to let the handler leave its task to other workers, with `return ctx.task.handOver()`. In mode `required` only.
   * @default false
   */
  readonly handOver?: boolean;
  /**
   * In mode `required`, what clients of older revisions get: an ordinary call, or a tool error.
   * @default 'call', or 'refuse' with `handOver`
   */
  readonly legacy?: 'call' | 'refuse';
}

/** The same with every default filled in. */
export type TaskRules = Required<McpTaskOptions>;
