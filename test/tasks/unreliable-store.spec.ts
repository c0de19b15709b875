import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryStore, MemoryStoreData } from '../../lib/adapters/in-memory/memory-store.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import type { TaskAdapter } from '../../lib/adapters/task.adapter.js';
import type { TaskRun } from '../../lib/tasks/task-run.js';
import { TaskRunner } from '../../lib/tasks/task-runner.js';
import { taskData } from '../../lib/testing/task/support.js';
import { UnreliableStore, type OperationFault } from '../contract/faulty-store.js';
import { until } from '../support/until.js';

const FAULTS: readonly OperationFault[] = ['request lost', 'reply lost'];

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Instance {
  readonly store: UnreliableStore;
  readonly adapter: StoreTaskAdapter;
}

function instanceOn(data: MemoryStoreData): Instance {
  const store = new UnreliableStore(new MemoryStore(data));
  const adapter = new StoreTaskAdapter(store, { leaseMs: 3_000 });
  closing.push(async () => {
    store.failWhere();
    await adapter.close();
    await store.close();
  });
  return { store, adapter };
}

async function claimAll(adapter: TaskAdapter): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const orphans = await adapter.claimOrphans();
    if (!orphans) return all;
    all.push(...orphans.taskIds);
  }
}

/** Does something once for each operation of it that can fail, each time with that one failing. */
async function sweep(
  fault: OperationFault,
  begin: () => Promise<{ readonly instance: Instance; readonly work: () => Promise<unknown> }>,
  after: (instance: Instance, failed: boolean) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const { instance, work } = await begin();
    instance.store.failWhere((count) => (count === nth ? fault : undefined));
    const failed = await work().then(
      () => false,
      () => true,
    );
    const isReached = instance.store.count >= nth;
    instance.store.failWhere();
    await after(instance, failed);
    if (!isReached) return nth - 1;
  }
}

describe.each(FAULTS)('where one operation fails, its %s', (fault) => {
  it('every orphan is given to its heir in the end, once', async () => {
    const swept = await sweep(
      fault,
      async () => {
        const data = new MemoryStoreData();
        const dead = instanceOn(data);
        for (const id of ['one', 'two']) await dead.adapter.create(id, taskData());
        await dead.adapter.create('three', taskData({ isRestartable: true }));
        await dead.adapter.close();
        const instance = instanceOn(data);
        await instance.adapter.open();
        return { instance, work: () => instance.adapter.claimOrphans() };
      },
      async ({ adapter }, failed) => {
        const claimed = await claimAll(adapter);
        const owned = await Promise.all(['one', 'two', 'three'].map((id) => adapter.owns(id)));
        expect(owned).toEqual([true, true, true]);
        if (failed) expect(claimed.sort()).toEqual(['one', 'three', 'two']);
        expect(await adapter.claimOrphans()).toBeUndefined();
      },
    );
    expect(swept).toBeGreaterThan(3);
  });

  it('a task that was made has an heir', async () => {
    let data: MemoryStoreData;
    const swept = await sweep(
      fault,
      async () => {
        data = new MemoryStoreData();
        const instance = instanceOn(data);
        await instance.adapter.open();
        return { instance, work: () => instance.adapter.create('task', taskData()) };
      },
      async ({ adapter }, failed) => {
        await adapter.create('next', taskData());
        await adapter.claimOrphans();
        await adapter.close();
        const claimed = await claimAll(instanceOn(data).adapter);
        expect(claimed).toContain('next');
        if (!failed) expect(claimed).toContain('task');
        expect(new Set(claimed).size).toBe(claimed.length);
      },
    );
    expect(swept).toBeGreaterThan(1);
  });

  it.each([1, 2])('what was released is no orphan, as one of %i', async (tasks) => {
    let data: MemoryStoreData;
    await sweep(
      fault,
      async () => {
        data = new MemoryStoreData();
        const instance = instanceOn(data);
        for (let n = 0; n < tasks; n++) await instance.adapter.create(`task-${n}`, taskData());
        return { instance, work: () => instance.adapter.release('task-0') };
      },
      async ({ adapter }) => {
        await adapter.release('task-0');
        expect(await adapter.owns('task-0')).toBe(false);
        await adapter.close();
        expect(await claimAll(instanceOn(data).adapter)).toEqual(tasks === 1 ? [] : ['task-1']);
      },
    );
  });
});

describe('a runner', () => {
  interface Running extends Instance {
    readonly runner: TaskRunner;
    readonly errors: unknown[];
  }

  async function run(
    data: MemoryStoreData,
    restart: (run: TaskRun) => Promise<{ result: object }>,
  ): Promise<Running> {
    const instance = instanceOn(data);
    const errors: unknown[] = [];
    const runner = new TaskRunner(instance.adapter, {
      restart: restart as ConstructorParameters<typeof TaskRunner>[1]['restart'],
      onError: (error) => errors.push(error),
    });
    await runner.start();
    closing.push(() => {
      instance.store.failWhere();
      return runner.close(0);
    });
    return { ...instance, runner, errors };
  }

  const done = async () => ({ result: { by: 'heir' } });
  const never = (task: TaskRun) =>
    new Promise<never>((_, reject) => {
      task.signal.addEventListener('abort', () => reject(task.signal.reason));
    });
  const TASK = { principal: null, call: {}, isRestartable: true, ttlMs: 60_000 };

  it.each(FAULTS)(
    'goes on with every orphan, though every other operation fails, its %s',
    async (fault) => {
      const data = new MemoryStoreData();
      const dead = instanceOn(data);
      const ids = ['one', 'two', 'three', 'four'];
      for (const id of ids) await dead.adapter.create(id, taskData({ isRestartable: id !== 'one' }));
      const heir = await run(data, done);
      heir.store.failWhere((count) => (count <= 60 && count % 5 === 0 ? fault : undefined));
      await dead.adapter.close();
      const looking = instanceOn(data);
      const statuses = () =>
        Promise.all(ids.map(async (id) => (await looking.adapter.get(id))?.data.status as string));
      await until(
        async () => (await statuses()).every((status) => status === 'completed' || status === 'failed'),
        'all outcomes',
      );
      expect(await statuses()).toEqual(['failed', 'completed', 'completed', 'completed']);
      heir.store.failWhere();
      await until(
        async () => !(await Promise.all(ids.map((id) => heir.adapter.owns(id)))).includes(true),
        'their release',
      );
    },
    60_000,
  );

  it('owns nothing of a task that has expired', async () => {
    const { runner, adapter } = await run(new MemoryStoreData(), done);
    const task = await runner.create({ ...TASK, ttlMs: 100 }, never);
    await until(async () => !(await adapter.owns(task.taskId)), 'the release');
    expect(task.ended).toBe('expired');
  });

  it.each(FAULTS)(
    'keeps an outcome until the store is back, and reports one failure: the %s',
    async (fault) => {
      const { runner, adapter, store, errors } = await run(new MemoryStoreData(), done);
      let finish = () => {};
      const task = await runner.create(TASK, async () => {
        await new Promise<void>((resolve) => (finish = resolve));
        return { result: { by: 'first' } };
      });
      store.failWhere(() => fault);
      finish();
      await until(() => errors.length > 0, 'the failure');
      store.failWhere();
      await until(async () => (await adapter.get(task.taskId))?.data.status === 'completed', 'the outcome');
      await until(async () => !(await adapter.owns(task.taskId)), 'the release');
      expect(errors).toHaveLength(1);
      expect((await adapter.get(task.taskId))?.data.result).toEqual({ by: 'first' });
    },
    60_000,
  );

  it('goes on with its own tasks after an outage that was longer than its lease', async () => {
    const { runner, adapter, store, errors } = await run(new MemoryStoreData(), done);
    const task = await runner.create(TASK, never);
    store.failWhere(() => 'request lost');
    await until(() => task.signal.aborted, 'the end of the run');
    expect(task.ended).toBe('lost');
    store.failWhere();
    await until(async () => (await adapter.get(task.taskId))?.data.status === 'completed', 'the outcome');
    expect((await adapter.get(task.taskId))?.data.result).toEqual({ by: 'heir' });
    expect(errors.length).toBeLessThan(3);
  }, 60_000);
});
