import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import { PostgresUnavailableError } from '../../lib/adapters/postgres/postgres-unavailable.error.js';
import { StoreSessionAdapter } from '../../lib/adapters/store/store-session.adapter.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { append, begin, bodies, Instances, LOGGED, until } from './support.js';

const TTL_MS = 60_000;
const PLAIN = { ...LOGGED, name: 'plain', hasLog: false };
const OTHER = { ...LOGGED, name: 'other' };
const WIDE = { maxEntries: 100, maxBytes: 1024 * 1024, ifFull: 'drop' } as const;

let server: PostgresServer;
let instances: Instances;
beforeAll(async () => void (server = await startPostgres()), 60_000);
beforeEach(() => void (instances = new Instances()));
afterEach(() => instances.close());
afterAll(() => server.dispose());

/** Everything that changes something. */
const changes: readonly (readonly [what: string, change: (store: PostgresStore) => Promise<unknown>])[] = [
  ['a new record', (store) => store.write(OTHER, { given: 'up' }, { ttlMs: TTL_MS, ifVersion: null })],
  ['a record in the place of another', (store) => store.write(LOGGED, { given: 'up' }, { ttlMs: TTL_MS })],
  [
    'a record of a certain version',
    async (store) => store.write(LOGGED, { given: 'up' }, { ttlMs: TTL_MS, ifVersion: version }),
  ],
  ['fields', (store) => store.assign(LOGGED, { given: 'up', field: null })],
  ['a longer life', (store) => store.touch(LOGGED, TTL_MS * 100)],
  ['a removal', (store) => store.remove(LOGGED)],
  ['a removal of a certain version', (store) => store.remove(LOGGED, { ifVersion: version })],
  ['an entry', (store) => append(store, 'given up')],
  [
    'an entry that consumes',
    (store) => store.append(LOGGED, 'tag', 'given up', { id: 'consumes', consume: PLAIN, limits: WIDE }),
  ],
  ['a trim', (store) => store.trim(LOGGED, 'tag', kept)],
];

/** Of the record and of its entry, before they are changed. */
let version = '';
let kept = '';

async function prepare(store: PostgresStore): Promise<void> {
  version = String(await store.write(LOGGED, { field: 'value' }, { ttlMs: TTL_MS }));
  await store.write(PLAIN, {}, { ttlMs: TTL_MS });
  ({ position: kept } = await append(store, 'kept'));
}

async function isAsBefore(store: PostgresStore): Promise<void> {
  await untilIdle();
  const { remainingMs = 0, ...record } = (await store.read(LOGGED)) ?? {};
  expect(record).toEqual({ version, fields: { field: 'value' } });
  expect(remainingMs).toBeLessThanOrEqual(TTL_MS);
  expect(await store.read(PLAIN)).toBeDefined();
  expect(await store.read(OTHER)).toBeUndefined();
  expect(await bodies(store)).toEqual(['kept']);
}

describe.each(changes)('%s that was given up is not there later', (_, change) => {
  it('when the server stood still and goes on', async () => {
    const store = await instances.open({ url: server.url, commandTimeoutMs: 250 });
    await prepare(store);
    server.pause();
    await expect(change(store)).rejects.toThrow(PostgresUnavailableError);
    server.resume();
    await until(() => serves(store), 'Postgres');
    await isAsBefore(store);
  }, 30_000);

  it('when it waited for others who held what it needs', async () => {
    const store = await instances.open({ url: server.url, commandTimeoutMs: 250 });
    await prepare(store);
    const holder = new pg.Client({ connectionString: server.url });
    await holder.connect();
    await holder.query(`begin; lock table "${instances.schema}".mcp_record in share mode`);
    await expect(change(store)).rejects.toThrow(PostgresUnavailableError);
    await holder.query('commit');
    await holder.end();
    await isAsBefore(store);
  }, 30_000);

  it('when it waited for a connection', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    const store = await instances.open({ pool, commandTimeoutMs: 250 });
    await prepare(store);
    const taken = await pool.connect();
    await expect(change(store)).rejects.toThrow(PostgresUnavailableError);
    taken.release();
    await isAsBefore(store);
    await pool.end();
  }, 30_000);
});

it('learns the time of a server that has another one', async () => {
  const store = await instances.open({ url: server.url });
  await begin(store);
  await append(store, 'before');
  // As after a failover to a server whose clock is ahead.
  await server.query(
    `create or replace function "${instances.schema}".mcp_in_time(_until double precision, out clock double precision)
     language plpgsql as $$ begin
       clock := extract(epoch from clock_timestamp()) * 1000 + 3600000;
       if clock > _until then raise query_canceled; end if;
     end $$`,
  );
  await append(store, 'after');
  expect(await bodies(store)).toEqual(['before', 'after']);
}, 30_000);

it('leaves no event after what was said next', async () => {
  const adapter = new StoreSessionAdapter(await instances.open({ url: server.url, commandTimeoutMs: 250 }));
  await adapter.create('session', { protocolVersion: '2025-11-25' });
  const start = String(await adapter.appendEvent('session', 'stream', 'start'));
  // Connections that what is said next may use: to which of them the server wakes up first is its own affair.
  await Promise.all(Array.from({ length: 8 }, () => adapter.has('session')));
  server.pause();
  await expect(adapter.appendEvent('session', 'stream', 'given up')).rejects.toThrow(
    PostgresUnavailableError,
  );
  const next = adapter.appendEvent('session', 'stream', 'next').catch(() => undefined);
  server.resume();
  const isThere = (await next) !== undefined;
  await untilIdle();
  await adapter.appendEvent('session', 'stream', 'last');
  const seen: unknown[] = [];
  await adapter.replay('session', start, (_, message) => void seen.push(message));
  expect(seen).toEqual(isThere ? ['next', 'last'] : ['last']);
}, 30_000);

function serves(store: PostgresStore): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

/** Whatever was set going comes to its end with its backend. */
function untilIdle(): Promise<void> {
  return until(async () => {
    const active = await server.query(
      `select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()`,
    );
    return active.length === 0;
  }, 'the end of all statements');
}
