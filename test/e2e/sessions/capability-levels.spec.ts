import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { InMemorySessionAdapter, MemoryStore, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { StoreSessionAdapter } from 'nestjs-mcp-adapters/adapters';
import { RedisStore } from '../../../lib/adapters/redis/redis-store.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf } from './fixture.js';
import { InMemoryPlainAdapter } from './plain-adapters.js';

/** The seven methods with an event log that says more of its own: what is beyond them is left to the defaults. */
class WithStreamIds extends InMemoryPlainAdapter {
  readonly isShared = false;
}

interface Opened {
  readonly sessionAdapter: McpModuleOptions['sessionAdapter'] & object;
  dispose?(): Promise<unknown>;
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(() => redis.dispose());

const onStore = (store: MemoryStore | RedisStore): Opened => ({
  sessionAdapter: new StoreSessionAdapter(store),
  dispose: () => store.close(),
});

const LEVELS: Readonly<Record<string, () => Opened>> = {
  'seven methods': () => ({ sessionAdapter: new InMemoryPlainAdapter() }),
  'seven methods on a slow store': () => ({ sessionAdapter: new InMemoryPlainAdapter({ delayMs: 3 }) }),
  'seven methods of one process': () => ({ sessionAdapter: new WithStreamIds({ delayMs: 3 }) }),
  'all methods, in memory': () => ({ sessionAdapter: new InMemorySessionAdapter() }),
  'a store in memory': () => onStore(new MemoryStore()),
  'a store on Redis': () => {
    const client = new Redis(redis.port, '127.0.0.1');
    const opened = onStore(new RedisStore({ client }));
    return { ...opened, dispose: () => Promise.resolve(opened.dispose?.()).then(() => client.quit()) };
  },
};

describe.each(Object.entries(LEVELS))('state on %s', (_level, open) => {
  it('keeps what is written at once, and what was acknowledged while other calls stream', async () => {
    const { sessionAdapter, dispose } = open();
    const gate = new Gate();
    const app = await startSessions({
      mcp: { sessionAdapter, requestStateSecret: 'x'.repeat(32), capabilities: { resources: {} } },
      tools: {
        set: async (ctx, { key }) => {
          await ctx.session.set(key, key);
          return 'set';
        },
        stream: async (ctx) => {
          await ctx.progress(1);
          await gate.opened;
          return 'streamed';
        },
        keys: async (ctx, { keys }) => {
          const values = await Promise.all(keys.map((key: string) => ctx.session.get(key)));
          return JSON.stringify(values);
        },
      },
    });
    const client = await SessionClient.open(app);
    const keys = Array.from({ length: 8 }, (_, n) => `key-${n}`);
    const streams = keys.map((_, n) => client.begin('stream', {}, { progressToken: n }));
    const sets = keys.map((key) => client.call('set', { key }));
    for (const set of sets) expect(textOf((await set).json)).toBe('set');
    gate.open();
    for (const stream of streams) await stream.message((message) => 'result' in message);
    expect(JSON.parse(textOf((await client.call('keys', { keys })).json))).toEqual(keys);
    await app.close();
    await dispose?.();
  });
});
