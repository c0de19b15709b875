/**
 * `npm run bench:stores`: what the adapters cost on each store, in one run. Two instances in one process, each with
 * connections of its own; servers of its own, with their usual settings for what is on disk.
 *
 * Times of a busy machine say little. So round trips that follow one another are counted, too, at servers that are distant:
 * what is done takes as long as these.
 */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { MemoryStore, MemoryStoreData, type Store } from 'nestjs-mcp-adapters';
import { storeAdapters, type StoreAdapters } from 'nestjs-mcp-adapters/adapters';
import { NatsStore } from 'nestjs-mcp-adapters/nats';
import { PostgresStore } from 'nestjs-mcp-adapters/postgres';
import { RedisStore } from 'nestjs-mcp-adapters/redis';
import { startNats } from '../../support/nats.js';
import { startPostgres } from '../../support/postgres.js';
import { startRedis } from '../../support/redis.js';
import { makeDistant, ROUND_TRIP_MS } from './distant.js';
import { measureTasks } from './tasks.js';

const ROUNDS = 400;
const DISTANT_ROUNDS = 10;
const WRITERS = 8;
const MESSAGE = { jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x'.repeat(220) } };

/** Commands and statements sent by this process. */
let sent = 0;
/** Count what they send by themselves. */
const connections: NatsConnection[] = [];
countCalls(Redis.prototype, 'sendCommand');
countCalls(pg.Client.prototype, 'query');

// One after the other: that of Postgres is made without letting anything else go on.
const postgres = await startPostgres({ fsync: 'on', shared_buffers: '128MB' });
const redis = await startRedis();
const nats = await startNats();
const logger = { log: () => {}, warn: console.warn };
const postgresAt = (url: string) => new URL(url).port;
const onPostgres =
  (durable: boolean): Prepare =>
  async (port) => {
    const url = postgres.url.replace(postgresAt(postgres.url), String(port));
    const options = { url, schema: durable ? 'durable' : 'fast', migrate: true, durable, logger };
    return () => new PostgresStore(options);
  };

/** Gives what opens the store of an instance, at a port. */
type Prepare = (port: number) => Promise<() => Store>;

const stores: Record<string, { readonly port: number; readonly prepare: Prepare }> = {
  memory: {
    port: 0,
    async prepare() {
      const data = new MemoryStoreData();
      return () => new MemoryStore(data);
    },
  },
  redis: {
    port: redis.port,
    prepare: async (port) => () => new RedisStore({ url: `redis://127.0.0.1:${port}`, logger }),
  },
  postgres: { port: Number(postgresAt(postgres.url)), prepare: onPostgres(true) },
  'postgres, durable: false': { port: Number(postgresAt(postgres.url)), prepare: onPostgres(false) },
  nats: {
    port: nats.port,
    async prepare(port) {
      const unused: NatsConnection[] = [];
      for (let n = 0; n < 2; n++)
        unused.push(await connect({ servers: `nats://127.0.0.1:${port}`, noAsyncTraces: true }));
      connections.push(...unused);
      return () => {
        const connection = unused.pop();
        if (!connection) throw new Error('There are two instances');
        return new NatsStore({ connection, migrate: true, logger });
      };
    },
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
const counts: Record<string, Record<string, string>> = {};
for (const [name, { port, prepare }] of Object.entries(stores)) {
  rows[name] = await withInstances(await prepare(port), (here, there) =>
    measure(here, there, trips[name.split(',')[0] ?? '']),
  );
  if (port === 0) continue;
  const distant = await makeDistant(port);
  counts[name] = await withInstances(await prepare(distant.port), countTrips);
  distant.close();
}
console.table(rows);
console.log(
  `ms: median of ${ROUNDS}, one at a time; in brackets commands, statements or messages of both instances together. ` +
    'In round trips: median of the ratios to a round trip just before',
);
console.table(counts);
console.log(
  `round trips that follow one another: the least of ${DISTANT_ROUNDS}, at servers that are ${ROUND_TRIP_MS} ms away`,
);
probes.redis.disconnect();
await probes.postgres.end();
for (const connection of [...connections, probes.nats]) await connection.close();
await Promise.all([redis.dispose(), postgres.dispose(), nats.dispose()]);

async function withInstances<T>(
  open: () => Store,
  work: (here: StoreAdapters, there: StoreAdapters) => Promise<T>,
): Promise<T> {
  const [first, second] = [open(), open()];
  await first.open();
  await second.open();
  const [here, there] = [storeAdapters(first), storeAdapters(second)];
  try {
    return await work(here, there);
  } finally {
    for (const { clientRequestAdapter, notificationBus, taskAdapter } of [here, there]) {
      await taskAdapter.close();
      await clientRequestAdapter.close();
      await notificationBus.close();
    }
    await first.close();
    await second.close();
  }
}

async function begin({ sessionAdapter }: StoreAdapters, id: string): Promise<string> {
  await sessionAdapter.create(id, {} as never);
  await sessionAdapter.open(id, 600_000);
  return String(await sessionAdapter.appendEvent(id, 'stream', MESSAGE));
}

async function ask(here: StoreAdapters, there: StoreAdapters, id: number): Promise<void> {
  const pending = here.clientRequestAdapter.createPending('session', id, { timeoutMs: 10_000 });
  await pending.ready;
  await there.clientRequestAdapter.resolvePending('session', id, { action: 'accept' });
  await pending.promise;
}

/** Round trips of a session call, an append, its delivery at the other instance and a question answered there. */
async function countTrips(here: StoreAdapters, there: StoreAdapters): Promise<Record<string, string>> {
  const start = await begin(here, 'distant');
  const append = () => here.sessionAdapter.appendEvent('distant', 'stream', MESSAGE);
  const stopped = new AbortController();
  const events = there.sessionAdapter.subscribe('distant', start, stopped.signal);
  const deliver = async () => {
    const next = events.next();
    await append();
    await next;
  };
  let id = 0;
  const counted = {
    admit: await inDistance(() => there.sessionAdapter.open('distant', 600_000)),
    'append, delivered elsewhere': await inDistance(deliver),
    'asked, answered elsewhere': await inDistance(() => ask(here, there, ++id)),
  };
  stopped.abort();
  await events.return(undefined);
  return { ...counted, append: await inDistance(append) };
}

async function inDistance(work: () => Promise<unknown>): Promise<string> {
  for (let n = 0; n < 3; n++) await work();
  const times: number[] = [];
  for (let n = 0; n < DISTANT_ROUNDS; n++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return (Math.min(...times) / ROUND_TRIP_MS).toFixed(1);
}

async function measure(
  here: StoreAdapters,
  there: StoreAdapters,
  trip: (() => Promise<unknown>) | undefined,
): Promise<Record<string, string>> {
  const start = await begin(here, 'session');
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
  const question = await each(() => ask(here, there, ++id));

  const ids = Array.from({ length: WRITERS }, (_, n) => `writer-${n}`);
  for (const writer of ids) await begin(here, writer);
  const began = performance.now();
  await Promise.all(
    ids.map(async (writer, w) => {
      const { sessionAdapter } = w % 2 ? here : there;
      for (let n = 0; n < ROUNDS; n++) await sessionAdapter.appendEvent(writer, 'stream', MESSAGE);
    }),
  );
  const perSecond = (ROUNDS * WRITERS * 1_000) / (performance.now() - began);

  const tasks = await measureTasks(here, there, each);
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
  return `${median(times).toFixed(2)} (${((countSent() - before) / ROUNDS).toFixed(1)})`;
}

/** Median of what work takes by what another one takes that is done just before. */
async function ratio(
  base: (() => Promise<unknown>) | undefined,
  work: () => Promise<unknown>,
): Promise<string> {
  if (!base) return '–';
  const ratios: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const began = performance.now();
    await base();
    const middle = performance.now();
    await work();
    ratios.push((performance.now() - middle) / (middle - began));
  }
  return median(ratios).toFixed(1);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
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
