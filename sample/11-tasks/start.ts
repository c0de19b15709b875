/** Starts Redis, the worker and two instances, each in a process of its own, and starts again what dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findRedis } from '../06-redis-two-instances/platform/redis.js';

const redis = await findRedis().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const env = {
  REQUEST_STATE_SECRET: randomBytes(32).toString('base64url'),
  ...process.env,
  REDIS_URL: redis.url,
  NO_COLOR: '1',
};
const children = new Set<ChildProcess>();
let isStopping = false;

const stop = async () => {
  isStopping = true;
  await Promise.all([...children].map(end));
  await redis.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

const first = Number(process.env['PORT'] ?? 3000);
await run('worker', 'worker', /Printer is ready/);
const urls = [
  await run('instance 1', 'main', /MCP server at (\S+)/, first),
  await run('instance 2', 'main', /MCP server at (\S+)/, first === 0 ? 0 : first + 1),
];
console.log(`Redis at ${redis.url}`);
// At once: a reader of this knows both when it knows one.
console.log(urls.map((url) => `MCP server at ${url} (Ctrl+C stops it)`).join('\n'));

/** Starts a program of this folder, and resolves with what it says when it is ready. */
async function run(name: string, program: string, ready: RegExp, port = 0): Promise<string | undefined> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${program}.js`)], {
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own: Ctrl+C reaches only us, who end it in order.
    detached: true,
  });
  children.add(child);
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        console.error(`[${name}] ${line}`);
        const said = ready.exec(line);
        if (said) resolve(said[1]);
      });
    }
    child.once('exit', (code, signal) => {
      children.delete(child);
      if (isStopping) return;
      console.error(`[${name}] has ended (${signal ?? code}) and is started again`);
      void run(name, program, ready, port);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
