import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource, EntitySchema } from 'typeorm';
import { startPgBouncer, startPostgres, type PostgresServer } from '../support/postgres.js';
import { append, begin, bodies, hear, Instances, Lines, until } from './support.js';

let server: PostgresServer;
let instances: Instances;
beforeAll(async () => void (server = await startPostgres()), 60_000);
beforeEach(() => void (instances = new Instances()));
afterEach(() => instances.close());
afterAll(() => server.dispose());

const Note = new EntitySchema<{ id: number; text: string }>({
  name: 'note',
  columns: { id: { type: Number, primary: true, generated: true }, text: { type: String } },
});

it('shares the pool of TypeORM, and leaves it', async () => {
  const open = async () => {
    const source = new DataSource({ type: 'postgres', url: server.url, entities: [Note], synchronize: true });
    return source.initialize();
  };
  const [here, there] = [await open(), await open()];
  const poolOf = (source: DataSource) => (source.driver as unknown as { master: pg.Pool }).master;
  const first = await instances.open({ pool: poolOf(here) });
  const second = await instances.open({ pool: poolOf(there) });
  await begin(first);
  const bells = await hear(second);
  await until(async () => {
    await append(first, 'to the other one');
    await here.getRepository(Note).save({ text: 'of the application' });
    return bells.some((bell) => typeof bell === 'object');
  }, 'a bell');
  expect((await bodies(second))[0]).toBe('to the other one');
  await instances.close();
  expect(await there.getRepository(Note).count()).toBeGreaterThan(0);
  await here.destroy();
  await there.destroy();
  const others = () =>
    server.query(`select 1 from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()`);
  await until(async () => (await others()).length === 0, 'the end of all connections');
}, 60_000);

it('listens with the password of a pool, which hides it from those who copy', async () => {
  await server.query(`create role app login password 'secret'`);
  await server.query('grant create on database postgres to app');
  const rules = join(server.files, 'pg_hba.conf');
  await writeFile(rules, `host all app 127.0.0.1/32 scram-sha-256\n${await readFile(rules, 'utf8')}`);
  await server.query('select pg_reload_conf()');
  const [user, port] = ['app', server.port];
  const config = { host: '127.0.0.1', database: 'postgres', user, port, password: 'secret' };
  await until(
    () =>
      new pg.Client({ ...config, password: 'wrong' }).connect().then(
        () => false,
        () => true,
      ),
    'a server that wants the password',
  );
  const pool = new pg.Pool(config);
  const store = await instances.open({ pool });
  await begin(store);
  expect(store.details).toEqual({});
  const other = await instances.open({ config: { ...config, password: async () => 'secret' } });
  const bells = await hear(other);
  await until(async () => {
    await append(store, 'x');
    return bells.some((bell) => typeof bell === 'object');
  }, 'a bell');
  await expect(instances.open({ config: { ...config, password: 'wrong' } })).rejects.toThrow(
    /password authentication/,
  );
  await pool.end();
}, 60_000);

it('warns once behind a pooler of transactions, and not where it may listen directly', async () => {
  const bouncer = await startPgBouncer(server);
  const lines = new Lines();
  const looking = await instances.open({ url: bouncer.url, logger: lines });
  const hearing = await instances.open({ url: bouncer.url, listen: server.url });
  expect(lines.lines).toEqual([
    'warn Postgres: notifications do not arrive, as behind a pooler of transactions; set listen. ' +
      'Looking every 250 ms instead',
  ]);
  expect(looking.details).toEqual({ notifications: expect.stringMatching(/^notifications do not arrive/) });
  expect(hearing.details).toEqual({});
  await begin(looking);
  const [seen, heard] = [await hear(looking), await hear(hearing)];
  await append(hearing, 'x');
  await until(() => seen.includes('appended'), 'a bell by looking');
  await append(looking, 'y');
  await until(() => heard.some((bell) => typeof bell === 'object' && bell.body === 'y'), 'a bell');
  expect(await bodies(looking)).toEqual(['x', 'y']);
  await instances.close();
  await bouncer.dispose();
}, 60_000);

it('carries what is short in a bell, and rings for what is not, counted in bytes', async () => {
  const first = await instances.open({ url: server.url });
  const second = await instances.open({ url: server.url });
  await begin(first);
  const bells = await hear(second);
  const short = ['', 'x'.repeat(1_800), '日'.repeat(600), '\u0001'.repeat(300), 'lines\n"quoted"\\'];
  const long = [
    'x'.repeat(2_049),
    '日'.repeat(700),
    '"'.repeat(1_100),
    '\u0001'.repeat(400),
    'x'.repeat(100_000),
  ];
  const rung = (body: string) => bells.some((bell) => typeof bell === 'object' && bell.body === body);
  for (const body of short) {
    await append(first, body);
    await until(() => rung(body), 'a bell with its entry');
  }
  for (const body of long) {
    bells.length = 0;
    await append(first, body);
    await until(() => bells.includes('appended'), 'a bell');
    expect(rung(body)).toBe(false);
  }
  // More at once than one notification holds.
  const many = Array.from({ length: 40 }, (_, n) => `${n} ${'日'.repeat(500)}`);
  await Promise.all(many.map((body) => append(first, body)));
  await until(() => many.every(rung), 'all bells');
  expect((await bodies(second)).length).toBe(short.length + long.length + many.length);
}, 30_000);
