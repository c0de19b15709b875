import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryStore, MemoryStoreData, type Store } from 'nestjs-mcp-adapters';
import { RedisStore } from '../../../lib/adapters/redis/redis-store.js';
import { quiet } from '../../support/redis-matrix.js';
import type { TestApp } from '../../support/app.js';
import { ERAS } from '../../support/ask.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { callsOf, said, startCarts, UNKNOWN } from './fixture.js';

const USERS = ['ada', 'bob', undefined] as const;
const SERVERS = ['shop', 'bank', undefined] as const;

let redis: RedisServer;
beforeAll(async () => (redis = await startRedis()));
afterAll(() => redis.dispose());

const data = new MemoryStoreData();

describe.each<[string, () => Store]>([
  ['memory', () => new MemoryStore(data)],
  ['Redis', () => new RedisStore({ url: redis.url, ...quiet('handles') })],
])('handles of two instances of several servers on %s', (_, open) => {
  const stores: Store[] = [];
  /** Both instances of each server. */
  const instances = new Map<string | undefined, TestApp[]>();

  beforeAll(async () => {
    for (const name of SERVERS) {
      const both: TestApp[] = [];
      for (const platform of ['express', 'fastify'] as const) {
        const store = open();
        stores.push(store);
        const mcp = { handles: { ttlMs: 60_000 }, ...(name && { name }) };
        both.push(await startCarts({ platform, store, mcp }));
      }
      instances.set(name, both);
    }
  });

  afterAll(async () => {
    for (const app of [...instances.values()].flat()) await app.close();
    for (const store of stores) await store.close();
  });

  it('are the same on both, and changed by both at once', async () => {
    const [first, second] = instances.get('shop') as [TestApp, TestApp];
    const calls = [callsOf(first, 'legacy', 'ada'), callsOf(second, 'modern', 'ada')] as const;
    const cart = await said(calls[0]('create'));
    const items = Array.from({ length: 40 }, (__, item) => item);
    await Promise.all(
      items.map((item) => said((calls[item % 2] as (typeof calls)[0])('add', { cart, item }))),
    );
    const kept = JSON.parse(await said(calls[1]('get', { cart }))) as { items: number[] };
    expect(kept.items.sort((one, other) => one - other)).toEqual(items);
    expect(await said(calls[1]('delete', { cart }))).toBe('true');
    expect(await calls[0]('get', { cart })).toEqual(UNKNOWN);
  });

  it('are counted together', async () => {
    const name = 'counted';
    const mcp = { name, limits: { handlesPerPrincipal: 5 } };
    const both = [open(), open()];
    stores.push(...both);
    const apps = await Promise.all(both.map((store) => startCarts({ store, mcp })));
    const made = await Promise.all(
      Array.from({ length: 20 }, (__, n) => callsOf(apps[n % 2] as TestApp, 'modern', 'ada')('create')),
    );
    expect(made.filter(({ isError }) => !isError)).toHaveLength(5);
    for (const app of apps) await app.close();
  });

  it('open for their own principal at their own server only', async () => {
    let successes = 0;
    let refusals = 0;
    for (const server of SERVERS) {
      for (const owner of USERS) {
        const [home] = instances.get(server) as TestApp[];
        const cart = await said(callsOf(home as TestApp, 'modern', owner)('create'));
        for (const place of SERVERS) {
          for (const user of USERS) {
            if (place === server && user === owner) continue;
            for (const app of instances.get(place) as TestApp[]) {
              for (const era of ERAS) {
                const call = callsOf(app, era, user);
                const answers = [await call('get', { cart }), await call('add', { cart, item: 1 })];
                const isRemoved = (await said(call('delete', { cart }))) === 'true';
                successes += answers.filter(({ text }) => text !== UNKNOWN.text).length + Number(isRemoved);
                refusals += answers.length + 1;
              }
            }
          }
        }
        const value = await said(callsOf(home as TestApp, 'legacy', owner)('get', { cart }));
        expect(JSON.parse(value)).toEqual({ items: [] });
      }
    }
    expect(successes).toBe(0);
    expect(refusals).toBe(9 * 8 * 2 * 2 * 3);
  }, 60_000);
});
