import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { answerAll, ask, call, until } from '../e2e/tasks/support.js';
import { compiledProgram } from '../multi-instance/bed/compiled.js';
import { createPoster, type Poster } from '../support/http.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { until as untilTrue } from '../support/until.js';

interface Instance {
  readonly child: ChildProcess;
  readonly post: Poster;
  readonly output: () => string;
}

const children = new Set<ChildProcess>();

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const count = (text: string, { output }: Instance) =>
  output()
    .split('\n')
    .filter((line) => line === text).length;

describe.each(['redis', 'postgres'] as const)('tasks of processes that end, on %s', (name) => {
  let server: RedisServer | PostgresServer;
  beforeAll(async () => (server = await (name === 'redis' ? startRedis() : startPostgres())), 60_000);
  afterEach(async () => {
    for (const child of [...children]) await end(child, 'SIGKILL');
  });
  afterAll(() => server.dispose());

  async function start(env: NodeJS.ProcessEnv = {}): Promise<Instance> {
    const child = spawn(process.execPath, [await compiledProgram('test/tasks/instance')], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, STORE: name, STORE_URL: server.url, ...env },
    });
    children.add(child);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await untilTrue(() => output.includes('serves ') || child.exitCode !== null, 'a process');
    if (child.exitCode !== null) throw new Error(`The process ended at once: ${output}`);
    const url = /serves (\S+)/.exec(output)?.[1] as string;
    return { child, post: createPoster(url), output: () => output };
  }

  const textOf = ({ result }: any) => result.content[0].text as string;

  it('run again from the top elsewhere, with answers, results, arguments and principal', async () => {
    const [first, heir] = [await start(), await start()];
    const { taskId } = (await call(first, 'order', { n: 1 })).result;
    const task = await until(heir, taskId, 'input_required');
    await end(first.child, 'SIGKILL');
    // Between two runs, while no instance runs the task.
    await answerAll(heir, task);
    const outcome = JSON.parse(textOf(await until(heir, taskId, 'completed'))) as unknown;
    expect(outcome).toEqual({
      billedBy: first.child.pid,
      endedBy: heir.child.pid,
      content: { name: 'Ada' },
      args: { n: 1 },
      who: 'ada',
    });
    expect([count('billed', first), count('billed', heir)]).toEqual([1, 0]);
    expect([count('shipped', first), count('shipped', heir)]).toEqual([0, 1]);
    expect(count('order of ada', heir)).toBe(1);
  }, 90_000);

  it('fail where a step has no known outcome, and may repeat one that says so', async () => {
    const first = await start({ FIRST: 'yes' });
    const unknown = (await call(first, 'stuck')).result.taskId as string;
    const retried = (await call(first, 'stuck', { retry: true })).result.taskId as string;
    const plain = (await call(first, 'plain')).result.taskId as string;
    await untilTrue(() => count('step', first) === 2 && count('plain', first) === 1, 'all steps');
    const heir = await start();
    await end(first.child, 'SIGKILL');
    const failed = await until(heir, unknown, 'failed');
    expect(failed.error).toEqual({
      code: -32603,
      message: 'The instance that ran this task has ended, and the outcome of a step is unknown',
    });
    expect(textOf(await until(heir, retried, 'completed'))).toBe('through');
    expect((await until(heir, plain, 'failed')).error.message).toBe(
      'The instance that ran this task has ended',
    );
    expect([count('step', heir), count('plain', heir)]).toEqual([1, 0]);
  }, 90_000);

  it('are handed over at once when an instance is stopped; those that may not run again fail', async () => {
    const [first, heir] = [await start({ FIRST: 'yes' }), await start()];
    const order = (await call(first, 'order')).result.taskId as string;
    const plain = (await call(first, 'plain')).result.taskId as string;
    const task = await until(heir, order, 'input_required');
    await end(first.child, 'SIGTERM');
    expect((await until(heir, plain, 'failed')).error.message).toBe(
      'The instance that ran this task was stopped',
    );
    await untilTrue(() => count('order of ada', heir) === 1, 'the run of the heir');
    await answerAll(heir, task);
    await until(heir, order, 'completed');
    expect(count('billed', heir)).toBe(0);
  }, 90_000);

  it('can be changed by nobody who was taken for dead', async () => {
    const [first, heir] = [await start(), await start()];
    const { taskId } = (await call(first, 'order')).result;
    const task = await until(heir, taskId, 'input_required');
    first.child.kill('SIGSTOP');
    await untilTrue(() => count('order of ada', heir) === 1, 'the run of the heir');
    first.child.kill('SIGCONT');
    await answerAll(first, task);
    const { endedBy } = JSON.parse(textOf(await until(first, taskId, 'completed'))) as { endedBy: number };
    expect(endedBy).toBe(heir.child.pid);
    expect(count('shipped', first)).toBe(0);
    expect((await ask(first, 'tasks/get', { taskId })).result.status).toBe('completed');
  }, 90_000);
});
