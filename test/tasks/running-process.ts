/** An instance that runs tasks, to be killed. Arguments: URL of Redis, what to begin: `restartable`, `plain`, `unknown` or nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { StoreTaskAdapter } from '../../lib/adapters/store/store-task.adapter.js';
import { OnceBlocks, type OnceResult, type OnceResults } from '../../lib/calls/once-blocks.js';
import type { TaskRun } from '../../lib/tasks/task-run.js';
import { TaskRunner } from '../../lib/tasks/task-runner.js';

const [url = '', what = ''] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const store = new RedisStore({ url });
const adapter = new StoreTaskAdapter(store, { leaseMs: 3_000 });

async function work(run: TaskRun) {
  say(`runs ${run.taskId}`);
  const results = Object.entries(run.data.blocks).flatMap(([key, block]) =>
    'result' in block ? [[key, block.result as OnceResult]] : [],
  );
  const blocks = new OnceBlocks(Object.fromEntries(results) as OnceResults);
  blocks.record(Promise.resolve(run));
  const charged = await blocks.run('charge', () => {
    say('charged');
    return process.pid;
  });
  if (what === 'unknown') {
    await blocks.run('mail', async () => {
      say('mailing');
      await delay(600_000, undefined, { signal: run.signal });
    });
  }
  say('asks');
  const answer = await run.ask('confirm', { method: 'elicitation/create' });
  return { result: { charged, answer } };
}

const runner = new TaskRunner(adapter, { restart: work, onError: (error) => say(String(error)) });
await runner.start();
if (what) {
  const isRestartable = what !== 'plain';
  await runner.create({ principal: null, call: {}, isRestartable, ttlMs: 600_000 }, work);
}
say('ready');
process.on('SIGTERM', () => {
  void runner
    .close(200)
    .then(() => adapter.close())
    .then(() => store.close())
    .then(() => process.exit(0));
});
setInterval(() => {}, 60_000);
