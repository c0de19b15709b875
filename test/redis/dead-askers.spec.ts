import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { StoreClientRequestAdapter } from '../../lib/adapters/store/store-client-request.adapter.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { onRedis, until } from './support.js';

let server: RedisServer;
let answering: StoreClientRequestAdapter;

beforeAll(async () => {
  server = await startRedis();
  answering = onRedis(StoreClientRequestAdapter, { url: server.url });
});

afterAll(async () => {
  await answering.close();
  await server.dispose();
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
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until(() => output.includes('asked'), 'a question');
  return { child, output: () => output };
}

async function kill(child: ChildProcess): Promise<void> {
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

it('takes the answer to a process that lives and comes back from an outage later than the answering one', async () => {
  const other = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const adapter = onRedis(StoreClientRequestAdapter, { url: other.url });
  const redis = new Redis(other.url);
  redis.on('error', () => {});
  try {
    const { child, output } = await startAsking(20_000, other);
    const ended = once(child, 'exit');
    await adapter.resolvePending('another session', 1, {});
    child.kill('SIGSTOP');
    await other.stop();
    await other.start();
    // As after an outage that is longer than the asker is believed to live without a sign.
    const [lease = ''] = await redis.keys('*:inbox');
    await redis.del(lease);
    const taken = adapter.resolvePending('session', 1, { yes: true });
    await until(async () => (await redis.keys('*:q*')).length === 0, 'an answer that lies there');
    child.kill('SIGCONT');
    expect(await taken).toBe(true);
    await ended;
    expect(output()).toContain('{"yes":true}');
  } finally {
    await adapter.close();
    redis.disconnect();
    await other.dispose();
  }
}, 30_000);
