import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { StoredTask, TaskAdapter } from '../../adapters/task.adapter.js';
import { waitFor } from '../bounded-case.js';
import { assertSameJson, JSON_VALUES, vandalise } from '../json.js';
import { askingTask, taskCase, taskData } from './support.js';

const HOSTILE_IDS = ['}', '{', '*', '../..', 'a b', 'ä', '__proto__', 'x'.repeat(10_000)];

/** How far the clock of a store may be from what an instance takes it for. */
const CLOCK_MS = 1_000;

export const recordCases = [
  taskCase('gives every instance a task that was created', async ({ first, second }) => {
    for (const value of JSON_VALUES) {
      const id = randomUUID();
      const data = taskData({
        call: value,
        answers: { value },
        blocks: { value: { mayRetry: true, result: value } },
      });
      const version = await first.create(id, data);
      for (const adapter of [first, second]) {
        const task = await found(adapter, id);
        assertSameJson(task.data, data);
        assert.equal(task.version, version);
        const { remainingMs } = task;
        assert.ok(remainingMs > 0 && remainingMs <= data.ttlMs + CLOCK_MS, 'it is kept for its time');
      }
    }
    assert.equal(await second.get(randomUUID()), undefined, 'a task that nobody has created');
  }),

  taskCase('tells tasks apart whatever their ids are', async ({ first, second }) => {
    for (const id of HOSTILE_IDS) await first.create(id, taskData({ call: id }));
    for (const id of HOSTILE_IDS) assert.equal((await found(second, id)).data.call, id);
  }),

  taskCase('gives copies', async ({ first }) => {
    const data = taskData({ call: { list: [1] } });
    const expected = JSON.parse(JSON.stringify(data)) as unknown;
    await first.create('task', data);
    vandalise(data);
    vandalise((await found(first, 'task')).data);
    assertSameJson((await found(first, 'task')).data, expected);
  }),

  taskCase('lets exactly one change a version', async ({ first, second }) => {
    const version = await first.create('task', taskData());
    const changes = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? first : second).change('task', version, taskData({ call: n })),
    );
    const versions = await Promise.all(changes);
    const winner = versions.findIndex((each) => each !== undefined);
    assert.equal(versions.filter((each) => each !== undefined).length, 1, 'one change was made');
    const task = await found(second, 'task');
    assert.equal(task.data.call, winner);
    assert.equal(task.version, versions[winner]);
    assert.equal(await first.change('task', version, taskData()), undefined, 'an old version');
    assert.equal(await first.change('unknown', version, taskData()), undefined, 'an unknown task');
  }),

  taskCase('forgets a task when its time is over, however often it is changed', async ({ first, second }) => {
    await first.create('task', taskData({ ttlMs: 1_000 }));
    let task = await first.get('task');
    while (task) {
      await second.change('task', task.version, { ...task.data, statusMessage: 'busy' });
      await delay(20);
      task = await first.get('task');
    }
    assert.equal(await second.answer('task', {}), false);
    assert.equal(await second.cancel('task'), false);
  }),

  taskCase('takes answers to open questions, each once', async ({ first, second }) => {
    await first.create('task', askingTask());
    const before = await found(first, 'task');
    assert.equal(await second.answer('task', { one: { action: 'accept' }, three: 'never asked' }), true);
    const half = await found(first, 'task');
    assert.notEqual(half.version, before.version);
    assert.equal(half.data.status, 'input_required');
    assert.deepEqual(Object.keys(half.data.inputRequests), ['two']);
    assertSameJson(half.data.answers, { one: { action: 'accept' } });
    assert.equal(await first.answer('task', { one: 'again', two: 2 }), true);
    const whole = await found(second, 'task');
    assert.equal(whole.data.status, 'working');
    assertSameJson(whole.data.answers, { one: { action: 'accept' }, two: 2 });
    assert.equal(await first.answer('unknown', { one: 1 }), false, 'an unknown task');
  }),

  taskCase('loses no answer and no change of many at once', async ({ first, second }) => {
    const keys = Array.from({ length: 12 }, (_, n) => `q${n}`);
    const inputRequests = Object.fromEntries(keys.map((key) => [key, {}]));
    await first.create('task', taskData({ status: 'input_required', inputRequests }));
    await Promise.all([
      ...keys.map((key, n) => (n % 2 === 0 ? first : second).answer('task', { [key]: key })),
      second.cancel('task'),
    ]);
    const { data } = await found(first, 'task');
    assert.deepEqual(Object.keys(data.answers).sort(), [...keys].sort());
    assertSameJson(data.inputRequests, {});
    assert.equal(data.isCancelRequested, true);
  }),

  taskCase('lets one of two answers to a question win', async ({ first, second }) => {
    await first.create('task', askingTask());
    await Promise.all([first.answer('task', { one: 1 }), second.answer('task', { one: 2 })]);
    const { one } = (await found(first, 'task')).data.answers;
    assert.ok(one === 1 || one === 2);
    await first.answer('task', { one: 3 });
    assert.equal((await found(second, 'task')).data.answers['one'], one);
  }),

  taskCase('asks a run to end, but changes nothing that is final', async ({ first, second }) => {
    await first.create('running', taskData());
    assert.equal(await second.cancel('running'), true);
    assert.equal((await found(first, 'running')).data.isCancelRequested, true);
    assert.equal((await found(first, 'running')).data.status, 'working');
    for (const data of [
      taskData({ status: 'completed', result: { content: [] } }),
      taskData({ status: 'failed', error: { code: -32603, message: 'No' } }),
      taskData({ status: 'cancelled' }),
    ]) {
      await first.create(data.status, data);
      assert.equal(await second.cancel(data.status), true, 'there is such a task');
      assertSameJson((await found(first, data.status)).data, data);
    }
    assert.equal(await second.cancel('unknown'), false);
  }),

  taskCase('tells those who watch of every change, until they stop', async ({ first, second }) => {
    await first.create('task', askingTask());
    const heard = [0, 0];
    const stops = await Promise.all(
      [first, second].map((adapter, n) => adapter.watch('task', () => void ((heard[n] as number) += 1))),
    );
    for (const [n, change] of [
      () => second.answer('task', { one: 1 }),
      () => first.answer('task', { two: 2 }),
      () => second.cancel('task'),
    ].entries()) {
      await change();
      await waitFor(() => heard.every((count) => count > n), `both to hear of change ${n}`);
    }
    for (const stop of stops) stop();
    const before = [...heard];
    const { version, data } = await found(first, 'task');
    await first.change('task', version, data);
    await delay(50);
    assert.deepEqual(heard, before);
  }),
];

async function found(adapter: TaskAdapter, id: string): Promise<StoredTask> {
  const task = await adapter.get(id);
  assert.ok(task, `task ${id.slice(0, 40)} is there`);
  return task;
}
