/**
 * A question of a task will have no answer: the task is over, was cancelled, has expired or never was.
 *
 * @publicApi
 */
export class McpTaskEndedError extends Error {
  override readonly name = 'McpTaskEndedError';
  /** Stable identifier of this error. */
  readonly code = 'MCP_TASK_ENDED';

  constructor() {
    super('The task is over');
  }
}
