import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { McpConfigurationError } from '../../lib/protocol/configuration.error.js';
import {
  postgresSql,
  postgresStore,
  PostgresStore,
  PostgresUnavailableError,
} from '../../lib/adapters/postgres/index.js';
import { providePostgres, startPostgres, type PostgresServer } from '../support/postgres.js';
import { append, begin, bodies, hear, Instances, Lines, LOGGED, until } from './support.js';

let server: PostgresServer;
let instances: Instances;
beforeAll(async () => void (server = await startPostgres()), 60_000);
beforeEach(() => void (instances = new Instances()));
afterEach(() => instances.close());
afterAll(() => server.dispose());

const tables = async () => {
  const rows = await server.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  return rows.map(({ name }) => name);
};

it('creates nothing unless that is wanted, and says what to run', async () => {
  const before = await tables();
  const opening = instances.open({ url: server.url, migrate: false });
  await expect(opening).rejects.toThrow(McpConfigurationError);
  await expect(opening).rejects.toThrow(
    `PostgresStore finds no tables in schema "${instances.schema}" with the prefix "mcp_", or older ones. Create them ` +
      `with: node -p "require('nestjs-mcp-adapters/postgres').postgresSql({ schema: '${instances.schema}', ` +
      `tablePrefix: 'mcp_' })" | psql, or with migrate(), or set the option migrate`,
  );
  expect(await tables()).toEqual(before);
});

it('is created by all instances at once', async () => {
  const stores = await Promise.all(Array.from({ length: 8 }, () => instances.open({ url: server.url })));
  await Promise.all(stores.map((store) => store.migrate()));
  const [first, second] = stores as [PostgresStore, PostgresStore];
  await begin(first);
  await append(first, 'x');
  expect(await bodies(second)).toEqual(['x']);
  const rows = await server.query(`select version from "${instances.schema}".mcp_version`);
  expect(rows).toEqual([{ version: 2 }]);
}, 60_000);

it('is created by hand, with what is printed, and again without harm', async () => {
  const sql = postgresSql({ schema: 'by_hand', tablePrefix: 'chat_' });
  for (let n = 0; n < 2; n++) {
    const psql = spawnSync(join(providePostgres(), 'psql'), ['-v', 'ON_ERROR_STOP=1', '-q', server.url], {
      input: sql,
      encoding: 'utf8',
    });
    expect(psql.stderr.replaceAll(/^.*NOTICE.*$\n?/gm, '')).toBe('');
    expect(psql.status).toBe(0);
  }
  const store = await instances.open({
    ...{ url: server.url, schema: 'by_hand', tablePrefix: 'chat_', migrate: false },
  });
  await begin(store);
  await append(store, 'x');
  await store.migrate();
  expect(await bodies(store)).toEqual(['x']);
  expect((await tables()).filter((name) => name.startsWith('by_hand.'))).toEqual([
    ...['by_hand.chat_entry', 'by_hand.chat_record', 'by_hand.chat_version'],
  ]);
});

it('refuses older tables, updates them where that is wanted, and serves with newer ones', async () => {
  const options = { url: server.url, schema: 'versions', migrate: true };
  const first = await instances.open(options);
  await begin(first);
  await server.query('update versions.mcp_version set version = 1');
  await expect(instances.open({ ...options, migrate: false })).rejects.toThrow(/or older ones/);
  await instances.open(options);
  expect(await server.query('select version from versions.mcp_version')).toEqual([{ version: 2 }]);
  expect(await first.read(LOGGED)).toBeDefined();
  await server.query('update versions.mcp_version set version = 3');
  const older = await instances.open({ ...options, migrate: false });
  expect(await older.read(LOGGED)).toBeDefined();
});

it('says at the start that Postgres is away, and can be tried again until it is there', async () => {
  const options = { url: server.url, commandTimeoutMs: 200, logger: new Lines() };
  const creating = new PostgresStore({ ...options, schema: 'late', migrate: true });
  const refusing = new PostgresStore({ ...options, schema: 'never' });
  await server.stop();
  try {
    for (const store of [creating, refusing, creating])
      await expect(store.open()).rejects.toThrow(PostgresUnavailableError);
  } finally {
    await server.start();
  }
  await creating.open();
  await begin(creating);
  expect(await creating.read(LOGGED)).toBeDefined();
  await expect(refusing.open()).rejects.toThrow(McpConfigurationError);
  await Promise.all([creating.close(), refusing.close()]);
}, 60_000);

it('refuses at the start who is not let in', async () => {
  const url = `postgres://nobody@127.0.0.1:${server.port}/postgres`;
  const refused = instances.open({ url });
  await expect(refused).rejects.toThrow(McpConfigurationError);
  await expect(refused).rejects.toThrow(/role "nobody" does not exist/);
  await expect(
    instances.open({ url: `postgres://postgres@127.0.0.1:${server.port}/nowhere` }),
  ).rejects.toThrow(/database "nowhere" does not exist/);
});

it('refuses a database of another encoding', async () => {
  await server.query(`create database ascii encoding 'SQL_ASCII' template template0`);
  const url = `postgres://postgres@127.0.0.1:${server.port}/ascii`;
  await expect(instances.open({ url })).rejects.toThrow(/whose encoding is UTF8, not SQL_ASCII/);
});

it.each([
  [{}, /exactly one of the options pool, url and config/],
  [{ url: 'postgres://x', config: {} }, /exactly one of the options pool, url and config/],
  [{ url: 'postgres://x', schema: 'a"b' }, /schema is to be at most 40 letters, digits and _, not "a\\"b"/],
  [{ url: 'postgres://x', tablePrefix: 'mcp-' }, /tablePrefix is to be at most 40 letters/],
  [{ url: 'postgres://x', tablePrefix: 'x'.repeat(41) }, /tablePrefix is to be at most 40 letters/],
])('refuses the options %j', (options, message) => {
  expect(() => postgresStore(options)).toThrow(McpConfigurationError);
  expect(() => postgresStore(options)).toThrow(message);
});

it('keeps what is under another prefix or in another schema apart', async () => {
  const places = [{}, { schema: 'elsewhere' }, { tablePrefix: 'other_' }];
  const stores: PostgresStore[] = [];
  for (const place of places) stores.push(await instances.open({ url: server.url, ...place }));
  for (const store of stores) await begin(store);
  const heard = await Promise.all(stores.map((store) => hear(store)));
  for (const [n, store] of stores.entries()) await append(store, `${n}`);
  for (const [n, store] of stores.entries()) expect(await bodies(store)).toEqual([`${n}`]);
  // Notifications of one connection arrive in order: what comes last has been preceded by all others.
  const [last] = stores as [PostgresStore];
  const another = await instances.open({ url: server.url });
  await until(async () => {
    await append(another, 'last');
    return heard[0]?.some((bell) => typeof bell === 'object' && bell.body === 'last') === true;
  }, 'a bell');
  for (const [n, bells] of heard.entries()) {
    const others = bells.filter((bell) => typeof bell === 'object' && !['last', `${n}`].includes(bell.body));
    expect(others).toEqual([]);
  }
  expect(last.details).toEqual({});
}, 30_000);

it('removes what has expired, in parts, whoever does it', async () => {
  jest.useFakeTimers({ doNotFake: ALL_BUT_INTERVALS });
  try {
    const first = await instances.open({ url: server.url });
    const second = await instances.open({ url: server.url });
    const { schema } = instances;
    await begin(first);
    await append(first, 'kept');
    await server.query(`insert into "${schema}".mcp_record (scope, name, version, fields, ttl_ms, expires_at)
      select 'old', 'old-' || n, 'v', '{}', 1, now() - interval '1 minute' from generate_series(1, 1200) n`);
    await server.query(`insert into "${schema}".mcp_entry (log, tag, number, id, body)
      select log, 'tag', 1, 'id', 'body' from "${schema}".mcp_record where scope = 'old'`);
    const count = async (table: string) => {
      const [row] = await server.query<{ n: number }>(
        `select count(*)::int as n from "${schema}".mcp_${table}`,
      );
      return row?.n;
    };
    expect(await count('record')).toBe(1_201);
    await second.read(LOGGED);
    jest.advanceTimersByTime(60_000);
    await until(async () => (await count('record')) === 1, 'the expired to go');
    expect(await count('entry')).toBe(1);
    expect(await bodies(second)).toEqual(['kept']);
  } finally {
    jest.useRealTimers();
  }
}, 30_000);

it('keeps nothing of what was removed, replaced or has expired', async () => {
  const store = await instances.open({ url: server.url });
  const rows = () => server.query(`select * from "${instances.schema}".mcp_entry`);
  await begin(store);
  for (let n = 0; n < 5; n++) await append(store, `${n}`);
  await Promise.all([
    store.remove(LOGGED),
    ...Array.from({ length: 20 }, () => append(store, 'x').catch(() => {})),
  ]);
  expect(await rows()).toEqual([]);
  await begin(store);
  await append(store, 'x');
  await begin(store);
  expect(await rows()).toEqual([]);
}, 30_000);

it('logs nothing and leaves nothing when it was never used', async () => {
  const lines = new Lines();
  const store = new PostgresStore({ url: 'postgres://127.0.0.1:1/nowhere', logger: lines });
  await store.close();
  await store.close();
  expect(lines.lines).toEqual([]);
});

const ALL_BUT_INTERVALS = [
  ...([
    'Date',
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'clearImmediate',
  ] as const),
  ...(['setTimeout', 'clearTimeout'] as const),
];
