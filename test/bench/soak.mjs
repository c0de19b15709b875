/**
 * `npm run bench:soak`: a server with many sessions and open streams under part of the load it can take, for minutes. What it
 * holds has to stay what it was: heap, handles, and keys or rows of the store.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { buildSamples } from '../../sample/build.mjs';
import { runJob, startServer, stopAll } from './processes.mjs';
import { table } from './report/table.mjs';
import { SERVERS } from './servers.mjs';
import { startStore } from './store-servers.mjs';
import { listen } from './workloads/listen.mjs';
import { openSessions } from './workloads/messages.mjs';

const USAGE = 'bench:soak [--store memory,redis,postgres,nats] [--minutes 10] [--sessions N] [--streams N]';
const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'memory,redis,postgres' },
    minutes: { type: 'string', default: '10' },
    // Of the 10,000 that a server holds, those that come and go need some: else they take the places of others.
    sessions: { type: 'string', default: '9900' },
    streams: { type: 'string', default: '1000' },
  },
});
const [minutes, sessions, streams] = [values.minutes, values.sessions, values.streams].map(Number);
if (![minutes, sessions, streams].every((value) => value > 0)) throw new Error(USAGE);

/** Of the requests a second that the server answers when there is no pause between them. */
const SHARE = 0.6;
const SAMPLES = 10;

/** Counts of what a store holds, by the name of the store. */
const held = {
  memory: async () => ({}),
  nats: async () => ({}),
  async redis({ REDIS_URL }) {
    const redis = new Redis(REDIS_URL);
    const [keys, info] = await Promise.all([redis.dbsize(), redis.info('memory')]);
    await redis.quit();
    const [, bytes] = /^used_memory:(\d+)/m.exec(info) ?? [];
    return { keys, 'memory of Redis, MiB': (Number(bytes) / 1024 / 1024).toFixed(1) };
  },
  async postgres({ DATABASE_URL }) {
    const client = new pg.Client(DATABASE_URL);
    await client.connect();
    const tables = await client.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    const counts = {};
    for (const { name } of tables.rows) {
      const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${name}`);
      counts[`rows of ${name}`] = rows[0].count;
    }
    const { rows } = await client.query('SELECT pg_database_size(current_database())::bigint AS size');
    await client.end();
    return { ...counts, 'database, MiB': (Number(rows[0].size) / 1024 / 1024).toFixed(1) };
  },
};

process.once('exit', stopAll);
await buildSamples();
for (const store of values.store.split(',')) {
  const { rate, samples } = await soak(store);
  const picked = [samples[0], samples[SAMPLES / 2], samples[SAMPLES]];
  console.log(
    `\n### ${store}: ${sessions} sessions, ${streams} open streams, ${rate.toFixed(0)} requests a second for ${minutes} minutes\n`,
  );
  const rows = Object.keys(samples[0]).map((name) => [name, ...picked.map((sample) => sample[name])]);
  console.log(table(['', 'start', 'middle', 'end'], rows));
  stopAll();
}
process.exit();

async function soak(store) {
  const env = store === 'memory' ? {} : await startStore(store);
  const { fastify } = SERVERS;
  const node = ['--expose-gc', '--import', join(import.meta.dirname, 'heap-probe.mjs')];
  const args = [...fastify.args, '--sessions', store];
  const server = await startServer({ ...fastify, args }, { node, env });
  const opened = await openSessions(server.url, sessions);
  for (let from = 0; from < streams; from += 100) {
    const some = opened.slice(from, Math.min(from + 100, streams));
    await Promise.all(some.map((headers) => listen(server.url, headers)));
  }
  const job = { url: server.url, headers: opened.slice(streams, streams + 256) };
  const { done, duration, problem } = await runJob('soak-load.mjs', { ...job, seconds: 10 });
  if (problem) throw new Error(problem);
  const rate = (SHARE * done) / duration;
  const seconds = (minutes * 60) / SAMPLES;
  const samples = [await sample(server, store, env)];
  while (samples.length <= SAMPLES) {
    const part = await runJob('soak-load.mjs', { ...job, rate, seconds });
    if (part.problem) throw new Error(part.problem);
    samples.push(await sample(server, store, env));
    console.error(`${store} ${samples.length - 1}/${SAMPLES} ${JSON.stringify(samples.at(-1))}`);
  }
  return { rate, samples };
}

/** Taken while nothing runs, so that only what stays is counted. */
async function sample(server, store, env) {
  await delay(2_000);
  const line = await server.signal('SIGCONT', /^heap (\d+ handles \d+)$/);
  const [heap, handles] = line.split(' handles ').map(Number);
  return { 'heap, MiB': (heap / 1024 / 1024).toFixed(1), handles, ...(await held[store](env)) };
}
