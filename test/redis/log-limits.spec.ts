import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { begin, Log, onRedis } from './support.js';

const LENGTH_OF: Record<string, string> = { list: 'LLEN', stream: 'XLEN', zset: 'ZCARD', hash: 'HLEN' };
/** Size of a log beside its events: facts, positions, idempotency keys. */
const OVERHEAD = 16;

let server: RedisServer;
beforeEach(async () => {
  server = await startRedis();
});
afterEach(() => server.dispose());

/** The longest collection that Redis keeps. */
function longest(): number {
  const keys = server.cli('KEYS', '*').split('\n').filter(Boolean);
  const lengths = keys.map((key) => {
    const command = LENGTH_OF[server.cli('TYPE', key).trim()];
    return command ? Number(server.cli(command, key)) : 0;
  });
  return Math.max(0, ...lengths);
}

describe('the log of a session', () => {
  it.each([
    { limit: 'events', options: { maxEvents: 8 } },
    { limit: 'bytes', options: { maxEventBytes: 8 * 1_000 } },
  ])('is as long as its limit of $limit, and says what it has dropped', async ({ options }) => {
    const adapter = onRedis(StoreSessionAdapter, { url: server.url, logger: new Log().logger, ...options });
    const { id, start } = await begin(adapter);
    const ids: string[] = [];
    for (let count = 0; count < 200; count++) {
      const eventId = await adapter.appendEvent(id, 'stream', { count, text: 'x'.repeat(1_000) });
      ids.push(eventId as string);
    }
    expect(longest()).toBeLessThanOrEqual(8 + OVERHEAD);

    const replay = async (after: string | undefined) => {
      const seen: unknown[] = [];
      const isComplete = await adapter.replay(
        id,
        after as string,
        (_id, message: any) => void seen.push(message.count),
      );
      return { isComplete, seen };
    };
    expect(await replay(start)).toMatchObject({ isComplete: false });
    expect(await replay(ids[100])).toMatchObject({ isComplete: false });
    expect(await replay(ids[196])).toEqual({ isComplete: true, seen: [197, 198, 199] });
    await adapter.close();
  });
});
