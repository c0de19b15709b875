import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { onRedis, until } from './support.js';

let server: RedisServer;
let answering: StoreClientRequestAdapter;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startRedis();
  answering = onRedis(StoreClientRequestAdapter, { url: server.url });
});

afterAll(async () => {
  await answering.close();
  await server.dispose();
});

/** Ends what a failed test has left. */
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
});

/** A process that asks, and has asked. */
async function startAsking(
  timeoutMs: number,
  { url } = server,
): Promise<{ child: ChildProcess; output: () => string }> {
  const loader = join(import.meta.dirname, '../multi-instance/typescript.mjs');
  const program = join(import.meta.dirname, 'asking-process.ts');
  const args = ['--import', loader, program, url, String(timeoutMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.includes('asked'), 'a question');
  return { child, output: () => output };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

it('takes the answer to a process that lives', async () => {
  const { child, output } = await startAsking(20_000);
  const ended = once(child, 'exit');
  expect(await answering.resolvePending('session', 1, { yes: true })).toBe(true);
  await ended;
  expect(output()).toContain('{"yes":true}');
}, 20_000);

it('refuses the answer to a process that was killed long before its time is over', async () => {
  const { child } = await startAsking(600_000);
  await kill(child);
  expect(await answering.resolvePending('session', 1, { yes: true })).toBe(false);
  expect(await answering.resolvePending('session', 1, { yes: true })).toBe(false);
}, 20_000);

it('keeps nothing of a process that was killed beyond the time of its question, but its inbox for a minute', async () => {
  server.cli('FLUSHALL');
  const { child } = await startAsking(1_000);
  await kill(child);
  const keys = () => server.cli('KEYS', '*').split('\n').filter(Boolean);
  await until(() => keys().every((key) => /:inbox(:log|:tails)?$/.test(key)), 'no question');
  for (const key of keys()) {
    const ttl = Number(server.cli('PTTL', key));
    expect(ttl).toBeGreaterThan(-1);
    expect(ttl).toBeLessThanOrEqual(60_000);
  }
}, 20_000);

describe('a process that lives and comes back from an outage later than the answering one', () => {
  it('takes the answer that lies there, however old its lease looks', async () => {
    await comesBackAfter(async (redis, inbox) => {
      // Renewed 20 s ago, as after an outage that is longer than an instance is believed to live without a sign.
      await redis.pexpire(inbox, 40_000);
    });
  }, 60_000);

  it('takes the answer that waited for its inbox, which has expired meanwhile', async () => {
    await comesBackAfter(async (redis, inbox) => {
      await redis.del(inbox, `${inbox}:log`, `${inbox}:tails`);
    });
  }, 60_000);
});

/** Answers after an outage while the process that asked stands still. */
async function comesBackAfter(outage: (redis: Redis, inbox: string) => Promise<void>): Promise<void> {
  const other = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const redis = new Redis(other.url);
  redis.on('error', () => {});
  const adapter = onRedis(StoreClientRequestAdapter, { url: other.url });
  try {
    const { child, output } = await startAsking(60_000, other);
    const ended = once(child, 'exit');
    await adapter.resolvePending('another session', 1, {});
    child.kill('SIGSTOP');
    await other.stop();
    await other.start();
    const [inbox = ''] = await redis.keys('*:inbox');
    await outage(redis, inbox);
    const taken = adapter.resolvePending('session', 1, { yes: true });
    const isThere = async () => (await redis.exists(inbox)) === 1;
    const isAnswered = async () => (await redis.keys('*:q*')).length === 0;
    await until(async () => !(await isThere()) || (await isAnswered()), 'an answer, if there is an inbox');
    child.kill('SIGCONT');
    expect(await taken).toBe(true);
    await ended;
    expect(output()).toContain('{"yes":true}');
  } finally {
    await adapter.close();
    redis.disconnect();
    await other.dispose();
  }
}
