/**
 * Result of `ctx.task.handOver()`: the handler has to return it.
 *
 * @publicApi
 */
export interface McpHandover {
  /** Names the task to `McpTasks`, in any process with the same store. Any holder may complete the task: keep it internal. */
  readonly id: string;
}

/**
 * The task that a call has become.
 *
 * @publicApi
 */
export interface McpTask {
  /**
   * Sets the status message, in words for the user: the latest counts. Resolves when it is kept.
   */
  status(message: string): Promise<void>;

  /**
   * Leaves the task open for work that is done elsewhere, such as a job of a queue, which completes it by `McpTasks`. Takes
   * effect when the handler returns; what it returns is no result then. A handler that throws fails the task all the same.
   *
   * Afterwards the task belongs to no instance: it stays open until it is completed, cancelled or `ttlMs` are over.
   *
   * @example
   * const handover = ctx.task.handOver();
   * await ctx.once('enqueue', () => this.queue.add('report', { task: handover.id, ...args }));
   * return handover;
   *
   * @throws McpConfigurationError when the tool does not say `task: { handOver: true }`.
   */
  handOver(): McpHandover;
}
