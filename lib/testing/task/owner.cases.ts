import assert from 'node:assert/strict';
import type { TaskAdapter } from '../../adapters/task.adapter.js';
import { taskCase, taskData } from './support.js';

export const ownerCases = [
  taskCase('leaves tasks to the instance that gives signs of life', async ({ first, second }) => {
    await first.create('one', taskData());
    await first.create('two', taskData({ isRestartable: true }));
    assert.ok(first.silentForMs < first.leaseMs, 'it has given one');
    assert.equal(await second.claimOrphans(), undefined);
    assert.equal(await first.claimOrphans(), undefined, 'its own are no orphans');
  }),

  taskCase('gives each orphan to exactly one heir', async ({ first, second, third }) => {
    const ids = Array.from({ length: 300 }, (_, n) => `task-${n}`);
    for (const id of ids) await first.create(id, taskData({ isRestartable: id.endsWith('7') }));
    await first.release('task-7');
    await first.close();
    const claimed = (await Promise.all([second, third].map(claimAll))).flat();
    assert.deepEqual([...claimed].sort(), ids.filter((id) => id !== 'task-7').sort());
    for (const adapter of [second, third]) assert.equal(await adapter.claimOrphans(), undefined);
    assert.ok(await second.get('task-0'), 'the tasks are there');
  }),

  taskCase('gives orphans of an heir that is gone, too, to the next', async ({ first, second, third }) => {
    await first.create('task', taskData());
    await first.close();
    assert.deepEqual(await claimAll(second), ['task']);
    await second.create('own', taskData());
    await second.close();
    assert.deepEqual([...(await claimAll(third))].sort(), ['own', 'task']);
  }),

  taskCase('hands over what may run again, at once', async ({ first, second, third }) => {
    await first.create('stays', taskData());
    for (const id of ['goes', 'too']) await first.create(id, taskData({ isRestartable: true }));
    await first.handOver();
    const claimed = (await Promise.all([second, third].map(claimAll))).flat();
    assert.deepEqual([...claimed].sort(), ['goes', 'too']);
    await first.create('later', taskData({ isRestartable: true }));
    assert.equal(await second.claimOrphans(), undefined, 'what is made afterwards is owned');
  }),

  taskCase('knows what it owns: what it made or took over, until it is released', async (instances) => {
    const { first, second, third } = instances;
    for (const id of ['one', 'two']) await first.create(id, taskData());
    const owners = (id: string) => Promise.all([first, second, third].map((adapter) => adapter.owns(id)));
    assert.deepEqual(await owners('one'), [true, false, false]);
    assert.deepEqual(await owners('unknown'), [false, false, false]);
    await first.release('two');
    assert.deepEqual(await owners('two'), [false, false, false]);
    await first.close();
    await claimAll(second);
    assert.deepEqual(await Promise.all([second, third].map((adapter) => adapter.owns('one'))), [true, false]);
  }),

  taskCase('has no orphans among what was released', async ({ first, second }) => {
    for (const id of ['one', 'two']) await first.create(id, taskData());
    for (const id of ['one', 'two', 'two', 'unknown']) await first.release(id);
    await first.close();
    assert.equal(await second.claimOrphans(), undefined);
  }),
];

async function claimAll(adapter: TaskAdapter): Promise<readonly string[]> {
  const all: string[] = [];
  for (;;) {
    const orphans = await adapter.claimOrphans();
    if (!orphans) return all;
    all.push(...orphans.taskIds);
  }
}
