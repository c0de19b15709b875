import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import type { TaskData } from '../../lib/adapters/task.adapter.js';
import { compiledProgram } from '../multi-instance/bed/compiled.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
}

let server: RedisServer;
let store: RedisStore;
let looking: StoreTaskAdapter;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  server = await startRedis();
  store = new RedisStore({ url: server.url });
  looking = new StoreTaskAdapter(store);
});
afterEach(async () => {
  for (const child of children) await end(child, 'SIGKILL');
  server.cli('FLUSHALL');
});
afterAll(async () => {
  await looking.close();
  await store.close();
  await server.dispose();
});

async function start(what = ''): Promise<Running> {
  const program = await compiledProgram('test/tasks/running-process');
  const child = spawn(process.execPath, [program, server.url, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.includes('ready'), 'a process');
  return { child, output: () => output };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const idIn = ({ output }: Running) => /runs (\S+)/.exec(output())?.[1] as string;

async function data(taskId: string): Promise<TaskData> {
  return ((await looking.get(taskId)) as { data: TaskData }).data;
}

it('runs a restartable task again elsewhere, with the results and answers so far', async () => {
  const first = await start('restartable');
  const heir = await start();
  const taskId = idIn(first);
  await until(async () => (await data(taskId)).status === 'input_required', 'the question');
  await end(first.child, 'SIGKILL');
  // Between two runs, while no instance runs the task.
  expect(await looking.answer(taskId, { confirm: { action: 'accept' } })).toBe(true);
  await until(async () => (await data(taskId)).status === 'completed', 'the end of the task');
  expect((await data(taskId)).result).toEqual({ charged: first.child.pid, answer: { action: 'accept' } });
  expect(idIn(heir)).toBe(taskId);
  expect(heir.output()).not.toContain('charged');
}, 60_000);

it('fails a task that may not run again', async () => {
  const first = await start('plain');
  const heir = await start();
  await end(first.child, 'SIGKILL');
  const taskId = idIn(first);
  await until(async () => (await data(taskId)).status === 'failed', 'the failure');
  expect((await data(taskId)).error).toEqual({
    code: -32603,
    message: 'The instance that ran this task has ended',
  });
  expect(heir.output()).not.toContain('runs');
}, 60_000);

it('fails a task with a step that was begun and has no result, and does not repeat it', async () => {
  const first = await start('unknown');
  const heir = await start();
  await until(() => first.output().includes('mailing'), 'the step');
  await end(first.child, 'SIGKILL');
  const taskId = idIn(first);
  await until(async () => (await data(taskId)).status === 'failed', 'the failure');
  expect((await data(taskId)).error?.message).toContain('the outcome of a step is unknown');
  expect(heir.output()).not.toContain('runs');
}, 60_000);

it('lets nothing be changed by an instance that was taken for dead, which ends its run', async () => {
  const first = await start('restartable');
  const taskId = idIn(first);
  await until(async () => (await data(taskId)).status === 'input_required', 'the question');
  first.child.kill('SIGSTOP');
  const heir = await start();
  await until(() => heir.output().includes('asks'), 'the run of the heir');
  const { run } = await data(taskId);
  first.child.kill('SIGCONT');
  expect(await looking.answer(taskId, { confirm: 1 })).toBe(true);
  await until(async () => (await data(taskId)).status === 'completed', 'the end of the task');
  expect((await data(taskId)).run).toBe(run);
}, 60_000);

it('hands a restartable task over at once when its instance is stopped, and fails another', async () => {
  const [first, plain, heir] = [await start('restartable'), await start('plain'), await start()];
  await until(() => [first, plain].every(({ output }) => output().includes('asks')), 'the questions');
  await Promise.all([first, plain].map(({ child }) => end(child, 'SIGTERM')));
  expect((await data(idIn(plain))).error?.message).toBe('The instance that ran this task was stopped');
  await until(() => heir.output().includes('asks'), 'the run of the heir');
  await looking.answer(idIn(first), { confirm: 2 });
  await until(async () => (await data(idIn(first))).status === 'completed', 'the end of the task');
}, 60_000);

it('ends the run of a task that is cancelled', async () => {
  const first = await start('restartable');
  const taskId = idIn(first);
  await until(() => first.output().includes('asks'), 'the question');
  expect(await looking.cancel(taskId)).toBe(true);
  await until(async () => (await data(taskId)).status === 'cancelled', 'the end of the task');
}, 60_000);
