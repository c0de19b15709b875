import { Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis, type RedisServer } from '../redis.js';
import type { StoreServer } from '../stores.js';

const PREFIX = 'mcp:';
const KEYS_AT_ONCE = 500;

export async function startRedisStore(): Promise<StoreServer> {
  return storeOnRedis(await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
}

/** A Redis as a store, which is disposed of with it. */
export function storeOnRedis(server: RedisServer): StoreServer {
  const redis = new Redis(server.url, { maxRetriesPerRequest: null, lazyConnect: true });
  // It comes back by itself.
  redis.on('error', () => {});
  const cut = (type: string) => void server.cli('CLIENT', 'KILL', 'TYPE', type);
  return {
    env: { STORE: 'redis', STORE_URL: server.url },
    stop: (signal) => server.stop(signal),
    start: () => server.start(),
    async stall(ms) {
      server.cli('CLIENT', 'PAUSE', String(ms), 'ALL');
      await delay(ms);
    },
    cuts: {
      commands: async () => cut('normal'),
      messages: async () => cut('pubsub'),
      async everything() {
        cut('normal');
        cut('pubsub');
      },
    },
    async keys() {
      const keys = new Map<string, number>();
      for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
        const [next, found] = await redis.scan(cursor, 'COUNT', KEYS_AT_ONCE);
        cursor = next;
        const ttls = await Promise.all(found.map((key) => redis.pttl(key)));
        // One that was gone meanwhile has -2.
        found.forEach((key, index) => {
          if (ttls[index] !== -2) keys.set(withoutPrefix(key), ttls[index] as number);
        });
      }
      return keys;
    },
    async listenedTo() {
      const channels = (await redis.pubsub('CHANNELS')) as string[];
      return channels.map((channel) => withoutPrefix(channel).replace(/:bell$/, ''));
    },
    async dispose() {
      redis.disconnect();
      await server.dispose();
    },
  };
}

function withoutPrefix(key: string): string {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
}
