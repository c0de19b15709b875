import { afterEach, expect, it } from '@jest/globals';
import { MemoryStore } from '../../lib/adapters/in-memory/memory-store.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import { TaskRunner, type NewTask } from '../../lib/tasks/task-runner.js';
import { UnreliableStore } from '../contract/faulty-store.js';

/** Counts operations, but for bells, and the heartbeat that an instance has whatever it does. */
class CountingStore extends UnreliableStore {
  // Nothing is looked for while this counts.
  override readonly backstopMs = 60_000;

  override listen(...given: Parameters<UnreliableStore['listen']>) {
    return this.inner.listen(...given);
  }

  override touch(...given: Parameters<UnreliableStore['touch']>) {
    return this.inner.touch(...given);
  }
}

const NEW: NewTask = { principal: null, call: {}, isRestartable: true, ttlMs: 60_000 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function counted() {
  const store = new CountingStore(new MemoryStore());
  const adapter = new StoreTaskAdapter(store);
  const runner = new TaskRunner(adapter, { restart: () => new Promise(() => {}), onError: () => {} });
  closing.push(async () => {
    await runner.close(0);
    await adapter.close();
    await store.close();
  });
  const create = () => runner.create(NEW, () => new Promise(() => {}));
  // The first one makes the lists, too.
  const run = await create();
  const count = async (work: () => Promise<unknown>) => {
    store.failWhere(() => undefined);
    await work();
    return store.count;
  };
  return { adapter, run, create, count };
}

it('a task costs two operations of the store to create, and one to read', async () => {
  const { adapter, run, create, count } = await counted();
  expect(await count(create)).toBe(2);
  expect(await count(() => adapter.get(run.taskId))).toBe(1);
});
