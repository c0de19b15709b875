import { isObject, type JsonRpcErrorObject } from '../json-rpc.js';
import { invalidParams } from '../mcp.error.js';
import type { ClientCapabilities } from './capabilities.js';

/** Name of the tasks extension, in the capabilities of clients and servers. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Capability that a client has to declare, as an error of code `-32021` names it. */
export const TASKS_CAPABILITY = { extensions: { [TASKS_EXTENSION]: {} } } as const;

export const TaskMethod = {
  Get: 'tasks/get',
  Update: 'tasks/update',
  Cancel: 'tasks/cancel',
  Notification: 'notifications/tasks',
} as const;

/**
 * State of a task. The last three are final.
 *
 * @publicApi
 */
export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/**
 * A task as clients see it. Times are ISO 8601; `ttlMs` counts from `createdAt`.
 *
 * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
 */
export interface Task {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number | null;
  readonly pollIntervalMs?: number;
}

/**
 * A task with what its state brings along: answer to `tasks/get`, and content of `notifications/tasks`.
 */
export type DetailedTask = Task &
  (
    | { readonly status: 'working' | 'cancelled' }
    | { readonly status: 'input_required'; readonly inputRequests: Readonly<Record<string, unknown>> }
    | { readonly status: 'completed'; readonly result: Readonly<Record<string, unknown>> }
    | { readonly status: 'failed'; readonly error: JsonRpcErrorObject }
  );

/** Result of a call that has become a task. */
export type CreateTaskResult = Task & { readonly resultType: 'task' };

/** Parameters of `tasks/get` and `tasks/cancel`. */
export interface TaskParams {
  readonly taskId: string;
}

/** Parameters of `tasks/update`. */
export interface UpdateTaskParams extends TaskParams {
  readonly inputResponses: Readonly<Record<string, unknown>>;
}

export function isFinal(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Checks whether a client with these capabilities supports tasks. */
export function supportsTasks({ extensions }: ClientCapabilities): boolean {
  return (
    isObject(extensions) &&
    Object.hasOwn(extensions, TASKS_EXTENSION) &&
    isObject(extensions[TASKS_EXTENSION])
  );
}

/** Reads the parameters of `tasks/get` and `tasks/cancel`. Throws `-32602` for what they cannot be. */
export function readTaskParams(params: Readonly<Record<string, unknown>> | undefined): TaskParams {
  const taskId = params?.['taskId'];
  if (typeof taskId !== 'string') throw invalidParams('taskId must be a string');
  return { taskId };
}

/** Reads the parameters of `tasks/update`. Throws `-32602` for what they cannot be. */
export function readUpdateTaskParams(
  params: Readonly<Record<string, unknown>> | undefined,
): UpdateTaskParams {
  const inputResponses = params?.['inputResponses'];
  if (!isObject(inputResponses)) throw invalidParams('inputResponses must be an object');
  return { ...readTaskParams(params), inputResponses };
}
