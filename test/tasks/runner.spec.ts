import { afterEach, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../../lib/adapters/adapter-unavailable.error.js';
import { InMemoryTaskAdapter } from '../../lib/adapters/in-memory/in-memory-task.adapter.js';
import { MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import type { StoredTask, TaskData } from '../../lib/adapters/task.adapter.js';
import { askTask } from '../../lib/tasks/task-asking.js';
import type { TaskOutcome, TaskRun } from '../../lib/tasks/task-run.js';
import { TaskRunner, type NewTask } from '../../lib/tasks/task-runner.js';

const NEW: NewTask = { principal: null, call: {}, isRestartable: true, ttlMs: 60_000 };
const LEASE_MS = 3_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An instance that may be cut off from a store that others reach. */
class CutOffAdapter extends InMemoryTaskAdapter {
  isCutOff = false;
  cutOffAt = 0;
  /** Most bytes of the data of a task, as stores have them. */
  maxBytes = Infinity;
  onClaim: (() => void) | undefined;
  /** Task whose record this version does not know how to read. */
  unreadable: string | undefined;

  override get silentForMs() {
    return this.isCutOff ? performance.now() - this.cutOffAt : super.silentForMs;
  }

  override async claimOrphans() {
    if (!this.isCutOff) return super.claimOrphans();
    // A connection that is not answered, for longer than the lease lasts.
    this.onClaim?.();
    await delay(LEASE_MS * 2, undefined, { ref: false });
    throw new AdapterUnavailableError('No answer');
  }

  override async get(taskId: string) {
    if (taskId === this.unreadable) throw new TypeError('A record of a later version');
    return super.get(taskId);
  }

  override async change(taskId: string, version: string, data: TaskData) {
    const bytes = JSON.stringify(data).length;
    if (bytes > this.maxBytes) throw new RangeError(`The data has ${bytes} bytes`);
    return super.change(taskId, version, data);
  }
}

function instanceOn(
  data: MemoryStoreData,
  restart: (run: TaskRun) => Promise<TaskOutcome> = () => new Promise(() => {}),
) {
  const adapter = new CutOffAdapter({ leaseMs: LEASE_MS }, data);
  const errors: unknown[] = [];
  const runner = new TaskRunner(adapter, { restart, onError: (error) => errors.push(error) });
  closing.push(async () => {
    await runner.close(0);
    await adapter.close();
  });
  return { adapter, runner, errors };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; !(await condition()); n++) {
    if (n > 6_000) throw new Error('Waited for too long');
    await delay(5);
  }
}

const stored = async (adapter: InMemoryTaskAdapter, { taskId }: TaskRun) =>
  ((await adapter.get(taskId)) as StoredTask).data;

it('ends its runs before its lease ends, also while the store answers nothing', async () => {
  const { adapter, runner } = instanceOn(new MemoryStoreData());
  await runner.start();
  const run = await runner.create(NEW, () => new Promise(() => {}));
  const claiming = new Promise<void>((resolve) => (adapter.onClaim = resolve));
  adapter.cutOffAt = performance.now();
  adapter.isCutOff = true;
  await claiming;
  let silentMs = Infinity;
  run.signal.addEventListener('abort', () => (silentMs = adapter.silentForMs));
  await until(() => run.ended !== undefined);
  expect(run.ended).toBe('lost');
  expect(silentMs).toBeLessThan(LEASE_MS);
});

it('fails a task whose outcome the store refuses, instead of keeping it open', async () => {
  const { adapter, runner, errors } = instanceOn(new MemoryStoreData());
  await runner.start();
  adapter.maxBytes = 2_000;
  const run = await runner.create(NEW, async () => ({ result: { text: 'x'.repeat(5_000) } }));
  await until(async () => (await stored(adapter, run)).status === 'failed');
  expect((await stored(adapter, run)).error).toEqual({
    code: -32603,
    message: 'The outcome of this task cannot be kept',
  });
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('bytes') })]);
});

it('does not run a task again that was cancelled while it was taken over', async () => {
  const data = new MemoryStoreData();
  const first = instanceOn(data);
  await first.runner.start();
  const run = await first.runner.create(NEW, () => new Promise(() => {}));
  let restarts = 0;
  const heir = instanceOn(data, async () => {
    restarts++;
    return { result: {} };
  });
  const watch = heir.adapter.watch.bind(heir.adapter);
  heir.adapter.watch = async (taskId, listener) => {
    await heir.adapter.cancel(taskId);
    return watch(taskId, listener);
  };
  await first.runner.close(0);
  await heir.runner.start();
  await until(async () => (await stored(heir.adapter, run)).status === 'cancelled');
  await until(() => heir.runner.size === 0);
  expect([restarts, heir.errors]).toEqual([0, []]);
});

it.each([0, 1, 2])(
  'takes over the tasks of an instance beside one that it cannot read: %i',
  async (index) => {
    const data = new MemoryStoreData();
    const first = instanceOn(data);
    await first.runner.start();
    const taskIds: string[] = [];
    while (taskIds.length < 3) {
      const run = await first.runner.create(NEW, () => new Promise(() => {}));
      taskIds.push(run.taskId);
    }
    const restarted: string[] = [];
    const heir = instanceOn(data, (run) => {
      restarted.push(run.taskId);
      return new Promise(() => {});
    });
    const unreadable = taskIds[index] as string;
    heir.adapter.unreadable = unreadable;
    await first.runner.close(0);
    await heir.runner.start();
    await until(() => restarted.length === 2 && heir.errors.length > 0);
    expect(restarted.toSorted()).toEqual(taskIds.filter((taskId) => taskId !== unreadable).toSorted());
    expect(heir.errors).toEqual([new TypeError('A record of a later version')]);
    heir.adapter.unreadable = undefined;
    await until(() => restarted.length === 3);
    expect(heir.runner.size).toBe(3);
  },
);

it('takes an answer that comes before the question is taken back', async () => {
  const { adapter, runner } = instanceOn(new MemoryStoreData());
  const run = await runner.create(NEW, () => new Promise(() => {}));
  const change = adapter.change.bind(adapter);
  adapter.change = async (taskId, version, data) => {
    const isWithdrawn = Object.hasOwn(run.data.inputRequests, 'q') && !Object.hasOwn(data.inputRequests, 'q');
    if (isWithdrawn) {
      adapter.change = change;
      await adapter.answer(taskId, { q: 'yes' });
    }
    return change(taskId, version, data);
  };
  const question = { key: 'q', method: 'elicitation/create', params: {}, timeoutMs: 20, retries: 0 } as const;
  expect(await askTask(run, question)).toBe('yes');
});
