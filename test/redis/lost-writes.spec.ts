import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { quiet } from '../support/redis-matrix.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { begin, numbers, onRedis, Reader, until, works } from './support.js';

let server: RedisServer;
beforeAll(async () => void (server = await startRedis()));
afterAll(() => server.dispose());

/** Loses the last writes, as a replica that takes over too early. */
async function restartAsSaved(): Promise<void> {
  await server.stop('SIGKILL');
  await server.start();
}

it('tells a reader that what it has seen is lost, and goes on with what is there', async () => {
  const adapter = onRedis(StoreSessionAdapter, { url: server.url, ...quiet('lost') });
  const { id, start } = await begin(adapter);
  const ids: (string | undefined)[] = [];
  for (const message of numbers(3)) ids.push(await adapter.appendEvent(id, 'stream', message));
  server.cli('SAVE');
  for (const message of ['lost 1', 'lost 2']) ids.push(await adapter.appendEvent(id, 'stream', message));
  const reader = new Reader(adapter, id, start);
  await until(() => reader.messages.length === 5, 'all events');

  await restartAsSaved();
  await until(() => works(() => adapter.has(id)), 'Redis');
  expect(await reader.ended).toMatchObject({ code: 'MCP_EVENTS_LOST' });
  for (const seen of ids.slice(3)) expect(await adapter.replay(id, String(seen), () => {})).toBe(false);
  const replayed: unknown[] = [];
  expect(await adapter.replay(id, start, (_, message) => void replayed.push(message))).toBe(true);
  expect(replayed).toEqual(numbers(3));
  await adapter.close();
}, 30_000);
