/**
 * `npm run bench:stores`: what the adapters cost on each store, in one run. Two instances in one process, each with
 * connections of its own; servers of its own, with their usual settings for what is on disk.
 */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { MemoryStore, MemoryStoreData, type Store } from 'nestjs-mcp-adapters';
import { storeAdapters } from 'nestjs-mcp-adapters/adapters';
import { NatsStore } from 'nestjs-mcp-adapters/nats';
import { PostgresStore } from 'nestjs-mcp-adapters/postgres';
import { RedisStore } from 'nestjs-mcp-adapters/redis';
import { startNats } from '../../support/nats.js';
import { startPostgres } from '../../support/postgres.js';
import { startRedis } from '../../support/redis.js';
import { measureTasks } from './tasks.js';

const ROUNDS = 400;
const WRITERS = 8;
const MESSAGE = { jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x'.repeat(220) } };

/** Commands and statements sent by this process. */
let sent = 0;
/** Count what they send by themselves. */
const connections: NatsConnection[] = [];
countCalls(Redis.prototype, 'sendCommand');
countCalls(pg.Client.prototype, 'query');

const [redis, postgres, nats] = await Promise.all([
  startRedis(),
  startPostgres({ fsync: 'on', shared_buffers: '128MB' }),
  startNats(),
]);
const logger = { log: () => {}, warn: console.warn };
const onPostgres = (durable: boolean) => async () => {
  const options = { url: postgres.url, schema: durable ? 'durable' : 'fast', migrate: true, durable, logger };
  return () => new PostgresStore(options);
};
const stores: Record<string, () => Promise<() => Store>> = {
  async memory() {
    const data = new MemoryStoreData();
    return () => new MemoryStore(data);
  },
  redis: async () => () => new RedisStore({ url: redis.url, logger }),
  postgres: onPostgres(true),
  'postgres, durable: false': onPostgres(false),
  async nats() {
    for (let n = 0; n < 2; n++) connections.push(await connect({ servers: nats.url }));
    const unused = [...connections];
    return () => {
      const connection = unused.pop();
      if (!connection) throw new Error('There are two instances');
      return new NatsStore({ connection, migrate: true, logger });
    };
  },
};

/** A round trip to each server, on a connection that does nothing else. */
const probes = {
  redis: new Redis(redis.url),
  postgres: new pg.Client({ connectionString: postgres.url }),
  nats: await connect({ servers: nats.url }),
};
await probes.postgres.connect();
const trips: Record<string, () => Promise<unknown>> = {
  redis: () => probes.redis.ping(),
  postgres: () => probes.postgres.query('select 1'),
  nats: () => probes.nats.flush(),
};

const rows: Record<string, Record<string, string>> = {};
for (const [name, prepare] of Object.entries(stores)) {
  rows[name] = await measure(await prepare(), trips[name.split(',')[0] ?? '']);
}
console.table(rows);
console.log(
  `ms: median of ${ROUNDS}, one at a time; in brackets commands, statements or messages of both instances together`,
);
probes.redis.disconnect();
await probes.postgres.end();
for (const connection of [...connections, probes.nats]) await connection.close();
await Promise.all([redis.dispose(), postgres.dispose(), nats.dispose()]);

async function measure(
  open: () => Store,
  trip: (() => Promise<unknown>) | undefined,
): Promise<Record<string, string>> {
  const [first, second] = [open(), open()];
  await first.open();
  await second.open();
  const [here, there] = [storeAdapters(first), storeAdapters(second)];
  const begin = async (id: string) => {
    await here.sessionAdapter.create(id, {} as never);
    await here.sessionAdapter.open(id, 600_000);
    return String(await here.sessionAdapter.appendEvent(id, 'stream', MESSAGE));
  };

  const start = await begin('session');
  const admit = await each(() => there.sessionAdapter.open('session', 600_000));
  const append = await each(() => here.sessionAdapter.appendEvent('session', 'stream', MESSAGE));

  const stopped = new AbortController();
  let arrived: (() => void) | undefined;
  let count = 0;
  const following = (async () => {
    for await (const event of there.sessionAdapter.subscribe('session', start, stopped.signal)) {
      if (event.message !== undefined && ++count >= ROUNDS) arrived?.();
    }
  })();
  while (count < ROUNDS) await new Promise((resolve) => setTimeout(resolve, 10));
  const delivered = await each(async () => {
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    await here.sessionAdapter.appendEvent('session', 'stream', MESSAGE);
    await arrival;
  });
  const inTrips = await ratio(trip, async () => {
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    await Promise.all([here.sessionAdapter.appendEvent('session', 'stream', MESSAGE), arrival]);
  });
  stopped.abort();
  await following;

  let id = 0;
  const question = await each(async () => {
    const pending = here.clientRequestAdapter.createPending('session', ++id, { timeoutMs: 10_000 });
    await pending.ready;
    await there.clientRequestAdapter.resolvePending('session', id, { action: 'accept' });
    await pending.promise;
  });

  const ids = Array.from({ length: WRITERS }, (_, n) => `writer-${n}`);
  for (const writer of ids) await begin(writer);
  const began = performance.now();
  await Promise.all(
    ids.map(async (writer, w) => {
      const { sessionAdapter } = w % 2 ? here : there;
      for (let n = 0; n < ROUNDS; n++) await sessionAdapter.appendEvent(writer, 'stream', MESSAGE);
    }),
  );
  const perSecond = (ROUNDS * WRITERS * 1_000) / (performance.now() - began);

  const tasks = await measureTasks(here, there, each);
  for (const { clientRequestAdapter, notificationBus, taskAdapter } of [here, there]) {
    await taskAdapter.close();
    await clientRequestAdapter.close();
    await notificationBus.close();
  }
  await first.close();
  await second.close();
  return {
    admit,
    append,
    'append, delivered elsewhere': delivered,
    'in round trips': inTrips,
    'asked, answered elsewhere': question,
    [`appends/s, ${WRITERS} writers`]: perSecond.toFixed(0),
    ...tasks,
  };
}

/** Median time of one, and what is sent for it. */
async function each(work: () => Promise<unknown>): Promise<string> {
  for (let n = 0; n < 20; n++) await work();
  const times: number[] = [];
  const before = countSent();
  for (let n = 0; n < ROUNDS; n++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  const median = times.sort((a, b) => a - b)[ROUNDS / 2] ?? NaN;
  return `${median.toFixed(2)} (${((countSent() - before) / ROUNDS).toFixed(1)})`;
}

/** Median time of work by that of another, of pairs one after the other. */
async function ratio(
  base: (() => Promise<unknown>) | undefined,
  work: () => Promise<unknown>,
): Promise<string> {
  if (!base) return '–';
  const [bases, works]: [number[], number[]] = [[], []];
  for (let n = 0; n < ROUNDS; n++) {
    const began = performance.now();
    await base();
    const middle = performance.now();
    await work();
    works.push(performance.now() - middle);
    bases.push(middle - began);
  }
  const [baseMs, workMs] = [bases, works].map((times) => times.sort((a, b) => a - b)[ROUNDS / 2] ?? NaN);
  return ((workMs ?? NaN) / (baseMs ?? NaN)).toFixed(1);
}

function countSent(): number {
  return connections.reduce((sum, connection) => sum + Number(connection.stats().outMsgs), sent);
}

function countCalls(prototype: object, method: string): void {
  const original = Reflect.get(prototype, method) as (...args: unknown[]) => unknown;
  Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]) {
    sent++;
    return original.apply(this, args);
  });
}
