import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { PostgresStore } from '../../lib/adapters/postgres/postgres-store.js';
import { PostgresUnavailableError } from '../../lib/adapters/postgres/postgres-unavailable.error.js';
import { startPostgres, type PostgresServer } from '../support/postgres.js';
import { append, begin, bodies, hear, Instances, Lines, LOGGED, until, Wire } from './support.js';

let server: PostgresServer;
let instances: Instances;
beforeAll(async () => void (server = await startPostgres()), 60_000);
beforeEach(() => void (instances = new Instances()));
afterEach(() => instances.close());
afterAll(() => server.dispose());

const works = (store: PostgresStore) =>
  store.ping().then(
    () => true,
    () => false,
  );

it('goes on when its connections are ended, and nobody notices but those who listen', async () => {
  const lines = new Lines();
  const first = await instances.open({ url: server.url, logger: lines });
  const second = await instances.open({ url: server.url, logger: lines });
  await begin(first);
  const bells = await hear(second);
  const expected: string[] = [];
  for (let round = 0; round < 10; round++) {
    expect(await server.killBackends()).toBeGreaterThan(0);
    for (let n = 0; n < 5; n++) {
      const store = n % 2 ? first : second;
      await append(store, `${round}/${n}`);
      expected.push(`${round}/${n}`);
    }
  }
  expect(await bodies(second)).toEqual(expected);
  expect(bells).toContain('stale');
  bells.length = 0;
  await until(async () => {
    await append(first, 'heard again');
    return bells.some((bell) => typeof bell === 'object' && bell.body === 'heard again');
  }, 'a bell after the connections were ended');
  expect(lines.lines).toEqual([]);
}, 60_000);

it('appends once what was under way when its connection was ended', async () => {
  const first = await instances.open({ url: server.url });
  await begin(first);
  let isOver = false;
  const killing = (async () => {
    while (!isOver) await server.killBackends(`query like '%append%'`);
  })();
  const expected = new Set<string>();
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; n < 40; n++) {
        await until(
          () =>
            append(first, `${writer}/${n}`).then(
              () => true,
              (error: unknown) => {
                // Given up after two seconds: whether it was appended is open, and it is not asked for again here.
                if (error instanceof PostgresUnavailableError) return true;
                throw error;
              },
            ),
          'an append',
        );
        expected.add(`${writer}/${n}`);
      }
    }),
  );
  isOver = true;
  await killing;
  const kept = await bodies(first);
  expect(new Set(kept).size).toBe(kept.length);
  for (const body of kept) expect(expected).toContain(body);
  expect(kept.length).toBeGreaterThan(80);
}, 60_000);

it.each(['immediate', 'fast'] as const)(
  'survives a restart, %s',
  async (mode) => {
    const lines = new Lines();
    const first = await instances.open({ url: server.url, logger: lines, commandTimeoutMs: 300 });
    const second = await instances.open({ url: server.url });
    await begin(first);
    const bells = await hear(second);
    await append(first, 'before');
    await server.stop(mode);
    const failure: unknown = await append(first, 'meanwhile').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PostgresUnavailableError);
    await expect(first.read(LOGGED)).rejects.toThrow(PostgresUnavailableError);
    expect(first.steadyForMs).toBe(0);
    await server.start();
    await until(() => works(first), 'Postgres');
    expect(first.steadyForMs).toBeLessThan(Infinity);
    await append(first, 'after');
    expect(await bodies(second)).toEqual(['before', 'after']);
    await until(() => bells.includes('stale'), 'a bell that says that the connection was lost');
    expect(lines.lines).toEqual([
      expect.stringMatching(/^warn Postgres cannot be reached \(.+\); trying again$/),
      'log Postgres can be reached again',
    ]);
  },
  60_000,
);

it('rejects in time when the server is silent', async () => {
  const store = await instances.open({ url: server.url, commandTimeoutMs: 300 });
  await begin(store);
  server.pause();
  try {
    await expect(append(store, 'to nobody')).rejects.toThrow(PostgresUnavailableError);
  } finally {
    server.resume();
  }
  await until(() => works(store), 'Postgres');
  await append(store, 'to somebody');
  expect((await bodies(store)).at(-1)).toBe('to somebody');
}, 60_000);

it('rejects in time when a pool has no connection free', async () => {
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  const store = await instances.open({ pool, commandTimeoutMs: 300 });
  await begin(store);
  const taken = await pool.connect();
  await expect(store.read(LOGGED)).rejects.toThrow(/no connection was free within 300 ms/);
  taken.release();
  expect(await store.read(LOGGED)).toBeDefined();
  await pool.end();
}, 30_000);

it('leaves a server at once that takes no writes', async () => {
  const store = await instances.open({ url: server.url, commandTimeoutMs: 300 });
  await begin(store);
  await takesWrites(false);
  await until(
    () =>
      append(store, 'refused').then(
        () => false,
        (error) => error instanceof PostgresUnavailableError,
      ),
    'a refusal',
  );
  await takesWrites(true);
  await until(
    () =>
      append(store, 'taken').then(
        () => true,
        () => false,
      ),
    'a server that takes writes',
  );
  expect((await bodies(store)).filter((body) => body === 'refused')).toEqual([]);
}, 60_000);

it.each([
  ['a statement that takes too long', '57014'],
  ['a full disk', '53100'],
  ['no memory', '53200'],
  ['a lock that is not to be had', '55P03'],
  ['a shutdown', '57P01'],
])(
  'answers %s as an outage, and nothing was appended',
  async (_, code) => {
    const store = await instances.open({ url: server.url, commandTimeoutMs: 200 });
    await begin(store);
    await refuseEntries(code);
    await expect(append(store, 'refused')).rejects.toThrow(PostgresUnavailableError);
    await server.query(`drop trigger refuse on "${instances.schema}".mcp_entry`);
    await append(store, 'taken');
    expect(await bodies(store)).toEqual(['taken']);
  },
  30_000,
);

it('tries again what met another transaction', async () => {
  const lines = new Lines();
  const store = await instances.open({
    config: { connectionString: server.url, options: '-c default_transaction_isolation=serializable' },
    logger: lines,
  });
  const other = await instances.open({ url: server.url });
  await begin(store);
  await Promise.all(Array.from({ length: 40 }, (_, n) => append(n % 2 ? store : other, `${n}`)));
  expect((await bodies(store)).length).toBe(40);
  expect(lines.lines).toEqual([]);
}, 30_000);

it('does not hide a mistake', async () => {
  const store = await instances.open({ url: server.url });
  await begin(store);
  await refuseEntries('22012');
  await expect(append(store, 'x')).rejects.toMatchObject({ code: '22012' });
}, 30_000);

it('rejects when there are too many connections', async () => {
  const clients: pg.Client[] = [];
  const { schema } = instances;
  const options = {
    ...{ url: server.url, schema, migrate: true },
    logger: new Lines(),
    commandTimeoutMs: 200,
  };
  const store = new PostgresStore(options);
  try {
    for (;;) {
      const client = new pg.Client({ connectionString: server.url });
      client.on('error', () => {});
      await client.connect();
      clients.push(client);
    }
  } catch {
    await expect(store.ping()).rejects.toThrow(PostgresUnavailableError);
    await expect(store.open()).rejects.toThrow(PostgresUnavailableError);
  }
  for (const client of clients) await client.end();
  await until(() => works(store), 'a connection');
  await store.close();
}, 30_000);

it('listens again when its connection has gone silent', async () => {
  const wire = await Wire.to(server.port);
  const listen = `postgres://postgres@127.0.0.1:${wire.port}/postgres`;
  const store = await instances.open({ url: server.url, listen });
  const other = await instances.open({ url: server.url });
  await begin(store);
  const bells = await hear(store);
  wire.cut();
  await until(() => bells.includes('stale'), 'a bell that says so');
  bells.length = 0;
  await until(async () => {
    await append(other, 'heard');
    return bells.some((bell) => typeof bell === 'object');
  }, 'a bell from elsewhere');
  await store.close();
  await wire.close();
}, 30_000);

it('looks for itself while it can only not listen, and listens again', async () => {
  const lines = new Lines();
  const wire = await Wire.to(server.port);
  const listen = `postgres://postgres@127.0.0.1:${wire.port}/postgres`;
  const store = await instances.open({ url: server.url, listen, logger: lines, commandTimeoutMs: 200 });
  const other = await instances.open({ url: server.url });
  await begin(store);
  const bells = await hear(store);
  wire.silence();
  wire.cut();
  await until(() => store.details['notifications'] !== undefined, 'polling');
  await append(other, 'seen');
  await until(() => bells.includes('appended'), 'a bell by looking');
  wire.restore();
  await until(() => store.details['notifications'] === undefined, 'notifications');
  expect(lines.lines).toEqual([
    expect.stringMatching(/^warn Postgres: cannot listen: .+\. Looking every 250 ms instead$/),
    'log Postgres: notifications arrive again',
  ]);
  await store.close();
  await wire.close();
}, 60_000);

/** Lets the server answer with an error of its own whenever an entry is to be written. */
async function refuseEntries(code: string): Promise<void> {
  const { schema } = instances;
  await server.query(`create function "${schema}".refuse() returns trigger language plpgsql as
    $$ begin raise exception 'refused' using errcode = '${code}'; end $$`);
  await server.query(`create trigger refuse before insert on "${schema}".mcp_entry
    execute function "${schema}".refuse()`);
}

/** As a primary and a standby answer. Connections that are there learn of it, too. */
async function takesWrites(does: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('set default_transaction_read_only = off');
  await client.query(`alter system set default_transaction_read_only = ${does ? 'off' : 'on'}`);
  await client.query('select pg_reload_conf()');
  await client.end();
}
