import type { TaskAdapter, TaskData } from '../../adapters/task.adapter.js';
import { readAnswers } from '../../asking/input-responses.js';
import type { Call, Method } from '../../calls/call.js';
import { principalKey } from '../../calls/principal-key.js';
import { invalidParams } from '../../protocol/mcp.error.js';
import { McpMissingCapabilityError } from '../../protocol/missing-capability.error.js';
import {
  readTaskParams,
  readUpdateTaskParams,
  supportsTasks,
  TASKS_CAPABILITY,
} from '../../protocol/types/tasks.js';
import { detailedTask } from '../../tasks/detailed-task.js';
import type { ServerParts } from '../server-parts.js';

/** @see https://modelcontextprotocol.io/seps/2663-tasks-extension */
export function getTask(tasks: TaskAdapter, { serverInfo }: ServerParts): Method {
  return async (call) => {
    requireTasks(call);
    const { taskId } = readTaskParams(call.request.params);
    return call.era.complete(detailedTask(taskId, await taskOf(call, tasks, taskId)), serverInfo);
  };
}

/** Takes answers to questions of a task. */
export function updateTask(tasks: TaskAdapter, { serverInfo }: ServerParts): Method {
  return async (call) => {
    requireTasks(call);
    const { taskId, inputResponses } = readUpdateTaskParams(call.request.params);
    const { inputRequests } = await taskOf(call, tasks, taskId);
    const answers = Object.entries(
      readAnswers(inputResponses, inputRequests as Parameters<typeof readAnswers>[1]),
    );
    const values = Object.fromEntries(answers.map(([key, { answer }]) => [key, answer]));
    if (!(await tasks.answer(taskId, values))) throw unknownTask();
    return call.era.complete({}, serverInfo);
  };
}

/** Asks the run of a task to end. */
export function cancelTask(tasks: TaskAdapter, { serverInfo }: ServerParts): Method {
  return async (call) => {
    requireTasks(call);
    const { taskId } = readTaskParams(call.request.params);
    await taskOf(call, tasks, taskId);
    if (!(await tasks.cancel(taskId))) throw unknownTask();
    return call.era.complete({}, serverInfo);
  };
}

function requireTasks({ clientCapabilities }: Call): void {
  if (!supportsTasks(clientCapabilities)) throw new McpMissingCapabilityError(TASKS_CAPABILITY);
}

/** Unknown, expired and foreign are one answer. */
async function taskOf(call: Call, tasks: TaskAdapter, taskId: string): Promise<TaskData> {
  const task = await tasks.get(taskId);
  if (task?.data.principal !== (principalKey(call.principal) ?? null)) throw unknownTask();
  return task.data;
}

function unknownTask() {
  return invalidParams('There is no such task; it may have expired');
}
