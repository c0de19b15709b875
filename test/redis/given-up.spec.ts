import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { redisStore, type RedisStore } from '../../lib/adapters/redis/redis-store.js';
import { RedisUnavailableError } from '../../lib/adapters/redis/redis-unavailable.error.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { Log, until, works } from './support.js';

const TTL_MS = 60_000;
const LIMITS = { maxEntries: 100, maxBytes: 1024 * 1024, ifFull: 'drop' } as const;
const LOGGED = { scope: 'scope', name: 'logged', hasLog: true };
const PLAIN = { scope: 'scope', name: 'plain', hasLog: false };

let server: RedisServer;
let store: RedisStore;
beforeAll(async () => void (server = await startRedis()));
beforeEach(() => {
  server.cli('FLUSHALL');
  store = redisStore({ url: server.url, commandTimeoutMs: 250, logger: new Log().logger });
});
afterEach(() => store.close());
afterAll(() => server.dispose());

/** Of the records and of the entry, before they are changed. */
const versions = new Map<string, string>();
let kept = '';

/** Everything that changes something. */
const both = [LOGGED, PLAIN].flatMap((key) => {
  const other = { ...key, name: `other-${key.name}` };
  return [
    ['a new record', () => store.write(other, { given: 'up' }, { ttlMs: TTL_MS, ifVersion: null })],
    ['a record in the place of another', () => store.write(key, { given: 'up' }, { ttlMs: TTL_MS })],
    [
      'a record of a certain version',
      () => store.write(key, { given: 'up' }, { ttlMs: TTL_MS, ifVersion: versions.get(key.name) ?? '' }),
    ],
    ['fields', () => store.assign(key, { given: 'up', field: null })],
    ['a longer life', () => store.touch(key, TTL_MS * 100)],
    ['a removal', () => store.remove(key)],
    ['a removal of a certain version', () => store.remove(key, { ifVersion: versions.get(key.name) ?? '' })],
  ].map(([what, change]) => [`${what} (${key.name})`, change] as const);
}) as [string, () => Promise<unknown>][];
const changes: readonly (readonly [what: string, change: () => Promise<unknown>])[] = [
  ...both,
  ['an entry', () => store.append(LOGGED, 'tag', 'given up', { id: 'up', limits: LIMITS })],
  [
    'an entry that consumes',
    () => store.append(LOGGED, 'tag', 'given up', { id: 'up', consume: PLAIN, limits: LIMITS }),
  ],
  ['a trim', () => store.trim(LOGGED, 'tag', kept)],
];

it.each(changes)('%s that was given up is not there later', async (_, change) => {
  for (const key of [LOGGED, PLAIN]) {
    versions.set(key.name, String(await store.write(key, { field: 'value' }, { ttlMs: TTL_MS })));
  }
  const appended = await store.append(LOGGED, 'tag', 'kept', { id: 'kept', limits: LIMITS });
  kept = (appended as { position: string }).position;
  server.pause();
  await expect(change()).rejects.toThrow(RedisUnavailableError);
  server.resume();
  await until(() => works(() => store.ping()), 'Redis');
  // What was on its way on another connection has been read when this one is answered a second time.
  server.cli('PING');
  for (const key of [LOGGED, PLAIN]) {
    const { remainingMs = 0, ...record } = (await store.read(key)) ?? {};
    expect(record).toEqual({ version: versions.get(key.name), fields: { field: 'value' } });
    expect(remainingMs).toBeLessThanOrEqual(TTL_MS);
    expect(await store.read({ ...key, name: `other-${key.name}` })).toBeUndefined();
  }
  const slice = await store.entries(LOGGED, 'tag', undefined, 10);
  expect(slice?.entries.map(({ body }) => body)).toEqual(['kept']);
});

describe('the clock of a server', () => {
  it('may be ahead after a failover', async () => {
    await store.write(LOGGED, {}, { ttlMs: TTL_MS });
    // A clock that seems to have stood still while that of the server went on.
    const now = Date.now;
    Date.now = () => now() - 3_600_000;
    try {
      expect(await store.assign(LOGGED, { after: 'yes' })).toEqual(expect.any(String));
    } finally {
      Date.now = now;
    }
  });
});
