import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runJob, startServer } from '../processes.mjs';
import { SERVERS } from '../servers.mjs';
import { listen } from './listen.mjs';
import { call, modernHeaders, openSessions, send } from './messages.mjs';
import { askModern } from './talks.mjs';

const STARTED = {
  fastify: ['--sessions', 'memory'],
  express: ['--sessions', 'memory'],
  'mcp-lite': ['--sessions'],
  'sdk-v1': ['--sessions'],
};

/** Servers that park calls. */
const PARKING = ['fastify', 'express'];

/** Bytes of heap after collection: for each idle session, open idle stream and parked call, and what 100 000 calls leave. */
export async function measureMemory(_workload, { quick }) {
  const scale = quick ? 10 : 1;
  const servers = {};
  for (const [id, args] of Object.entries(STARTED)) {
    servers[id] = await measure(id, args, {
      sessions: 5_000 / scale,
      streams: 500 / scale,
      parked: PARKING.includes(id) ? 500 / scale : 0,
      calls: 100_000 / scale,
    });
  }
  return { servers };
}

async function measure(id, args, { sessions, streams, parked, calls }) {
  const server = SERVERS[id];
  const probe = join(import.meta.dirname, '../heap-probe.mjs');
  const node = ['--expose-gc', '--import', probe];
  const { url, signal, stop } = await startServer({ ...server, args: [...server.args, ...args] }, { node });
  const heap = async () => {
    // The connections of what was sent before are closed after a second of idling, or are few.
    await delay(1_500);
    return Number(await signal('SIGCONT', /^heap (\d+) /));
  };

  // Code that has run is compiled and its caches are filled.
  const some = await openSessions(url, 200);
  await load(url, some.slice(0, 32), 20_000);
  const before = await heap();
  const opened = await openSessions(url, sessions);
  const withSessions = await heap();
  const open = await Promise.all(opened.slice(0, streams).map((headers) => listen(url, headers)));
  const withStreams = await heap();
  for (const stream of open) stream.destroy();
  if (parked > 0) await park(url, 50);
  const beforeParked = await heap();
  await park(url, parked);
  const beforeCalls = await heap();
  await load(url, some.slice(0, 32), calls);
  const afterCalls = await heap();
  await stop();
  return {
    session: (withSessions - before) / sessions,
    stream: (withStreams - withSessions) / streams,
    parked: parked > 0 ? (beforeCalls - beforeParked) / parked : NaN,
    calls: afterCalls - beforeCalls,
    counts: { sessions, streams, parked, calls },
  };
}

/** Makes calls that ask, and does not come back with the answers. */
async function park(url, count) {
  for (let done = 0; done < count; done += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - done) }, async () => {
        const answer = await fetch(url, {
          method: 'POST',
          headers: modernHeaders('ask'),
          body: askModern({}),
        });
        const text = await answer.text();
        if (!text.includes('input_required')) throw new Error(`a parked call: ${answer.status} ${text}`);
      }),
    );
  }
}

async function load(url, headers, amount) {
  const expected = await (await send(url, { method: 'POST', headers: headers[0], body: echo })).text();
  const job = { url, method: 'POST', body: echo, headers, expected, amount };
  const { problem } = await runJob('load.mjs', job);
  if (problem) throw new Error(`${url}: ${problem}`);
}

const echo = call('echo', { text: 'Hello' });
