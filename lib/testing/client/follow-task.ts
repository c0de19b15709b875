import { setTimeout as delay } from 'node:timers/promises';
import type { JsonRpcErrorObject } from '../../protocol/json-rpc.js';
import { McpRequestError } from './mcp-request.error.js';
import type { Params, RequestOptions, Result } from './wire.js';

/** Time between two looks at a task: short, as they cost next to nothing in process. */
const POLL_INTERVAL_MS = 20;

/** How a task is looked at, and how its questions are answered. */
export interface TaskAccess {
  send(method: string, params: Params): Promise<Result>;
  answer(inputRequests: unknown): Promise<Params>;
}

/**
 * Result of a task, when it is there. Questions are answered as those of a call. A caller that gives up, or that fails to
 * answer, cancels the task.
 *
 * @throws McpRequestError when the task failed or was cancelled
 */
export async function followTask(
  access: TaskAccess,
  taskId: string,
  { signal }: RequestOptions,
): Promise<Result> {
  const answered = new Set<string>();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const task = await access.send('tasks/get', { taskId });
      if (task['status'] === 'completed') return task['result'] as Result;
      if (task['status'] === 'failed') throw failure(task['error'] as JsonRpcErrorObject);
      if (task['status'] === 'cancelled') throw failure({ message: 'The task was cancelled' });
      const open = Object.entries((task['inputRequests'] ?? {}) as Params).filter(
        ([key]) => !answered.has(key),
      );
      if (open.length > 0) {
        for (const [key] of open) answered.add(key);
        await access.send('tasks/update', {
          taskId,
          inputResponses: await access.answer(Object.fromEntries(open)),
        });
      } else {
        await delay(POLL_INTERVAL_MS);
      }
    }
  } catch (error) {
    // A task that the server has ended needs no cancellation; one whose caller gives up does.
    if (!(error instanceof McpRequestError)) await access.send('tasks/cancel', { taskId });
    throw error;
  }
}

function failure({
  message,
  code,
  data,
}: Partial<JsonRpcErrorObject> & { message: string }): McpRequestError {
  return new McpRequestError(message, { status: 200, code, data, headers: {}, body: '' });
}
