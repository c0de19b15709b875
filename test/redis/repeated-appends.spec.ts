import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { RedisUnavailableError } from '../../lib/adapters/redis/redis-unavailable.error.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { begin, Log, onRedis, until } from './support.js';

let server: RedisServer;
let sessions: StoreSessionAdapter;

beforeEach(async () => {
  server = await startRedis();
  sessions = onRedis(StoreSessionAdapter, {
    url: server.url,
    commandTimeoutMs: 300,
    logger: new Log().logger,
  });
});
afterEach(async () => {
  await sessions.close();
  await server.dispose();
});

async function messagesOf(id: string, start: string): Promise<unknown[]> {
  const messages: unknown[] = [];
  await sessions.replay(id, start, (_id, message) => void messages.push(message));
  return messages;
}

describe('an append that is tried again', () => {
  it('is there once, although the first attempt succeeded after it had been given up', async () => {
    const { id, start } = await begin(sessions);
    const append = (isRepeat: boolean) =>
      sessions.appendEvent(id, 'stream', 'answer', { name: 'mine', isRepeat });
    server.cli('CLIENT', 'PAUSE', '1000', 'ALL');
    await expect(append(false)).rejects.toBeInstanceOf(RedisUnavailableError);
    let eventId: string | undefined;
    await until(async () => (eventId = await append(true).catch(() => undefined)) !== undefined, 'an append');
    expect(await append(true)).toBe(eventId);
    // The one that was given up may come last.
    expect(await append(false)).toBe(eventId);
    expect(await messagesOf(id, start)).toEqual(['answer']);
  });

  it('is found among others, and told apart from them by its name alone', async () => {
    const { id, start } = await begin(sessions);
    const append = (name: string, isRepeat: boolean) =>
      sessions.appendEvent(id, 'stream', 'same', { name, isRepeat });
    const first = await append('one', false);
    await append('two', false);
    await sessions.appendEvent(id, 'stream', 'same');
    expect(await append('one', true)).toBe(first);
    await append('three', true);
    expect(await messagesOf(id, start)).toHaveLength(4);
  });
});
