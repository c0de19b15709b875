/** Starts NATS, the worker and the application, each in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findNats } from './platform/nats.js';

const nats = await findNats().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const env = {
  REQUEST_STATE_SECRET: randomBytes(32).toString('base64url'),
  ...process.env,
  NATS_URL: nats.url,
  NO_COLOR: '1',
};
const children: ChildProcess[] = [];

const stop = async (code: number) => {
  await Promise.all(children.map(end));
  await nats.stop();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));

await run('worker', /Printer is ready/);
const url = await run('main', /MCP server at (\S+)/);
console.log(`NATS at ${nats.url}`);
console.log(`MCP server at ${url} (Ctrl+C stops it)`);

/** Starts a program of this folder, and resolves with what it says when it is ready. */
async function run(name: string, ready: RegExp): Promise<string | undefined> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.js`)], {
    env: { ...env, NATS_NAME: name },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own: Ctrl+C reaches only us, who end it in order.
    detached: true,
  });
  children.push(child);
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        console.error(`[${name}] ${line}`);
        const said = ready.exec(line);
        if (said) resolve(said[1]);
      });
    }
    child.once('exit', (code) => void stop(code ?? 1));
  });
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
