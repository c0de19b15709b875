import type { TaskData } from '../adapters/task.adapter.js';
import type { CreateTaskResult, DetailedTask, Task } from '../protocol/types/tasks.js';

/** The task as the answer to `tasks/get` and `notifications/tasks` have it. */
export function detailedTask(taskId: string, data: TaskData): DetailedTask {
  const task = taskOf(taskId, data);
  const { status, inputRequests, result = {}, error } = data;
  if (status === 'input_required') return { ...task, status, inputRequests };
  if (status === 'completed') return { ...task, status, result };
  if (status === 'failed') return { ...task, status, error: error ?? { code: -32603, message: 'Failed' } };
  return { ...task, status };
}

/** The result of a call that has become a task. */
export function createTaskResult(taskId: string, data: TaskData): CreateTaskResult {
  return { resultType: 'task', ...taskOf(taskId, data) };
}

function taskOf(taskId: string, data: TaskData): Task {
  const { status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = data;
  return {
    taskId,
    status,
    ...(statusMessage !== undefined && { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttlMs,
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
  };
}
