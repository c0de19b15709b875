/** Two instances' adapters, each with connections of its own: a job as JSON on standard input. */
import { Redis } from 'ioredis';
import { performance } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import { redisStore } from '../../../dist/esm/adapters/redis/index.js';
import { storeAdapters } from '../../../dist/esm/index.js';
import { median } from '../report/median.mjs';

const WARM_UP = 500;

const { redisUrl, count } = await json(process.stdin);
const client = new Redis(redisUrl, { enableAutoPipelining: true });
client.defineCommand('read', { numberOfKeys: 1, lua: "return redis.call('GET', KEYS[1])" });
const [here, there] = [
  storeAdapters(redisStore({ url: redisUrl })).sessionAdapter,
  storeAdapters(redisStore({ url: redisUrl })).sessionAdapter,
];
const session = here.generateSessionId();
await here.create(session, { protocolVersion: '2025-11-25' });
await here.open(session, 600_000);
const first = await here.appendEvent(session, 'stream', 'first');

const stop = new globalThis.AbortController();
const events = there.subscribe(session, first, stop.signal);
const message = JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { data: 'x'.repeat(100) },
});
let next = events.next();

// The subscription is in place when what is sent first has arrived.
await here.appendEvent(session, 'stream', message);
await next;

const trips = [];
const scripts = [];
const appends = [];
const deliveries = [];
for (let index = 0; index < WARM_UP + count; index += 1) {
  const asked = performance.now();
  await client.ping();
  const answered = performance.now();
  await client.read('nothing');
  const sent = performance.now();
  next = events.next();
  const appended = here.appendEvent(session, 'stream', message).then(() => performance.now());
  const { value } = await next;
  const arrived = performance.now();
  if (value.message !== message) throw new Error('not what was sent');
  const stored = await appended;
  if (index < WARM_UP) continue;
  trips.push(answered - asked);
  scripts.push(sent - answered);
  appends.push(stored - sent);
  deliveries.push(arrived - sent);
}
stop.abort();

const micro = (values) => ({
  median: median(values) * 1000,
  p99: values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] * 1000,
});
console.log(
  JSON.stringify({
    roundTrip: micro(trips),
    script: micro(scripts),
    append: micro(appends),
    delivery: micro(deliveries),
    ratio: median(deliveries) / median(trips),
  }),
);
process.exit();
