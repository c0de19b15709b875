import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import type { NatsStore } from '../../lib/adapters/nats/index.js';
import { NatsLink } from '../../lib/adapters/nats/nats-link.js';
import { NatsScopes } from '../../lib/adapters/nats/nats-scopes.js';
import { waitFor } from '../../lib/testing/bounded-case.js';
import { startNats, type NatsServer } from '../support/nats.js';
import { Logged, LONG_MS, nextStream, Stores, WIDE } from './support.js';

const UNAVAILABLE = { code: 'MCP_ADAPTER_UNAVAILABLE' };
const LOGGED = { scope: 'scope', name: 'logged', hasLog: true };
const PLAIN = { scope: 'scope', name: 'plain', hasLog: false };
const NEW = { scope: 'scope', name: 'new', hasLog: true };
const FIRST = { scope: 'another', name: 'first', hasLog: true };

let nats: NatsServer;
const stores = new Stores(() => ({ servers: nats.url, migrate: true, commandTimeoutMs: 300 }));
beforeAll(async () => void (nats = await startNats()), 60_000);
afterEach(() => stores.close());
afterAll(() => nats.dispose());

/** Of the record and of its entry, before they are changed. */
let version = '';
let kept = '';

/** Everything that changes something. */
const changes: readonly (readonly [what: string, change: (store: NatsStore) => Promise<unknown>])[] = [
  ['a new record', (store) => store.write(NEW, {}, { ttlMs: LONG_MS, ifVersion: null })],
  ['the first record of a scope', (store) => store.write(FIRST, {}, { ttlMs: LONG_MS })],
  ['a record in the place of another', (store) => store.write(LOGGED, { up: '1' }, { ttlMs: LONG_MS })],
  [
    'a record of a certain version',
    (store) => store.write(LOGGED, { up: '1' }, { ttlMs: LONG_MS, ifVersion: version }),
  ],
  ['fields', (store) => store.assign(LOGGED, { up: '1', field: null })],
  ['a longer life', (store) => store.touch(LOGGED, LONG_MS * 100)],
  ['a removal', (store) => store.remove(LOGGED)],
  ['an entry', (store) => store.append(LOGGED, 'tag', 'given up', { id: 'up', limits: WIDE })],
  [
    'an entry that consumes',
    (store) => store.append(LOGGED, 'tag', 'given up', { id: 'up', consume: PLAIN, limits: WIDE }),
  ],
  [
    'an entry in parts',
    (store) => store.append(LOGGED, 'tag', 'up'.repeat(1_000_000), { id: 'up', limits: WIDE }),
  ],
  ['a trim', (store) => store.trim(LOGGED, 'tag', kept)],
];

it.each(changes)(
  '%s that was given up is not there later',
  async (_, change) => {
    const names = nextStream();
    // One that gives up soon, and others that wait for a machine that is busy.
    const [store, other] = [stores.open(names), stores.open({ ...names, commandTimeoutMs: 20_000 })];
    const another = stores.open({ ...names, commandTimeoutMs: 20_000 });
    version = String(await other.write(LOGGED, { field: 'value' }, { ttlMs: LONG_MS }));
    await other.write(PLAIN, {}, { ttlMs: LONG_MS });
    const appended = await other.append(LOGGED, 'tag', 'kept', { id: 'kept', limits: WIDE });
    kept = (appended as { position: string }).position;
    await waitFor(() => serves(store), 'the store');
    nats.pause();
    await expect(change(store)).rejects.toMatchObject(UNAVAILABLE);
    nats.resume();
    for (const each of [other, another]) {
      await waitFor(() => serves(each), 'NATS');
      const { remainingMs = 0, ...record } = (await each.read(LOGGED)) ?? {};
      expect(record).toEqual({ version, fields: { field: 'value' } });
      expect(remainingMs).toBeLessThanOrEqual(LONG_MS);
      expect(await each.read(PLAIN)).toBeDefined();
      for (const key of [NEW, FIRST]) expect(await each.read(key)).toBeUndefined();
      expect(await bodies(each)).toEqual(['kept']);
      // The next operation finds everything as it was, too.
      expect(await each.append(LOGGED, 'tag', 'kept', { id: 'kept', isRepeat: true, limits: WIDE })).toEqual(
        appended,
      );
    }
    const next = await other.append(LOGGED, 'tag', 'next', { id: 'next', limits: WIDE });
    expect(next).toMatchObject({ previous: kept });
    expect(await another.write(FIRST, {}, { ttlMs: LONG_MS, ifVersion: null })).toEqual(expect.any(String));
    expect(await bodies(another)).toEqual(['kept', 'next']);
    await waitFor(
      async () => isEqual(await bodies(store).catch(() => undefined), ['kept', 'next']),
      'the store',
    );
  },
  30_000,
);

it('counts what was stored in time, although its sender has another idea of the time', async () => {
  const names = nextStream();
  const store = stores.open(names);
  await store.open();
  const link = new NatsLink({ servers: nats.url, ...names, logger: new Logged() });
  const scopes = new NatsScopes(link);
  await link.open();
  const change = { does: 'write', name: 'name', fields: {}, ttlMs: LONG_MS, keepsLog: false } as const;
  // As if the clock of the server had been set forward since it was measured, long ago.
  const now = performance.now() - 60_000;
  link.clock.learn(now, now, new Date(Date.now() - 3_600_000));
  await scopes.change<undefined>('scope', () => ({ changes: [change] }));
  // Nearer to the time that is than to the one that was learnt.
  expect(link.clock.now()).toBeGreaterThan(Date.now() - 1_800_000);
  expect((await store.read({ scope: 'scope', name: 'name', hasLog: true }))?.fields).toEqual({});
  await link.close();
}, 30_000);

it('leaves nothing of a publisher that is gone in the buffers of the next connection', async () => {
  const connection = await connect({ servers: nats.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  const names = nextStream();
  const store = stores.open({ ...names, connection });
  await store.write(LOGGED, { field: 'value' }, { ttlMs: LONG_MS });
  await nats.stop('SIGKILL');
  await expect(store.assign(LOGGED, { field: 'given up' })).rejects.toMatchObject(UNAVAILABLE);
  await nats.start();
  await waitFor(() => serves(store), 'NATS');
  expect((await store.read(LOGGED))?.fields).toEqual({ field: 'value' });
  await stores.close();
  await connection.close();
}, 30_000);

function isEqual(some: unknown, other: unknown): boolean {
  return JSON.stringify(some) === JSON.stringify(other);
}

function serves(store: NatsStore): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

async function bodies(store: NatsStore): Promise<readonly string[] | undefined> {
  return (await store.entries(LOGGED, 'tag', undefined, 100))?.entries.map(({ body }) => body);
}
