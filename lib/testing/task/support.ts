import { randomUUID } from 'node:crypto';
import type { TaskAdapter, TaskData } from '../../adapters/task.adapter.js';
import { boundedCase } from '../bounded-case.js';
import type { ContractCase } from '../contract.js';

/** Three instances on one store. */
export interface Instances {
  readonly first: TaskAdapter;
  readonly second: TaskAdapter;
  readonly third: TaskAdapter;
}

export function taskCase(
  name: string,
  body: (instances: Instances) => Promise<void>,
): ContractCase<TaskAdapter> {
  return boundedCase<TaskAdapter>(name, async (subject) =>
    body({ first: subject.adapter, second: await subject.another(), third: await subject.another() }),
  );
}

export function taskData(changes: Partial<TaskData> = {}): TaskData {
  const now = new Date().toISOString();
  return {
    status: 'working',
    createdAt: now,
    lastUpdatedAt: now,
    ttlMs: 60_000,
    principal: null,
    call: { name: 'report' },
    isRestartable: false,
    run: randomUUID(),
    inputRequests: {},
    answers: {},
    blocks: {},
    isCancelRequested: false,
    ...changes,
  };
}

/** A task that waits for two answers. */
export function askingTask(): TaskData {
  return taskData({
    status: 'input_required',
    inputRequests: { one: { method: 'elicitation/create' }, two: { method: 'sampling/createMessage' } },
  });
}
