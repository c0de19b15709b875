import type { TaskBlock, TaskData } from '../adapters/task.adapter.js';
import { McpError, McpErrorCode } from '../protocol/mcp.error.js';

/** The data with one more question to the client. */
export function withQuestion(data: TaskData, key: string, request: unknown, question: string): TaskData {
  return {
    ...data,
    status: 'input_required',
    inputRequests: { ...data.inputRequests, [key]: request },
    asked: { ...data.asked, [key]: question },
  };
}

/** The data without a question that waits no longer. */
export function withoutQuestion(data: TaskData, key: string): TaskData {
  if (!Object.hasOwn(data.inputRequests, key)) return data;
  const { [key]: _, ...inputRequests } = data.inputRequests;
  const isWaiting = Object.keys(inputRequests).length > 0;
  return { ...data, inputRequests, status: isWaiting ? 'input_required' : 'working' };
}

/** The data with the new state of a block. */
export function withBlock(data: TaskData, key: string, block: TaskBlock): TaskData {
  return { ...data, blocks: { ...data.blocks, [key]: block } };
}

/** Error of a run that asks something else than the one before. */
export function diverged(key: string): McpError {
  const message = `The question "${key}" is not the one of the run before: the handler does not ask the same when it runs again`;
  return new McpError(McpErrorCode.InternalError, message);
}
