import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runJob, startServer } from '../processes.mjs';
import { SERVERS } from '../servers.mjs';
import { listen } from './listen.mjs';
import { call, openSessions, send } from './messages.mjs';

const STARTED = {
  fastify: ['--sessions', 'memory'],
  express: ['--sessions', 'memory'],
  'mcp-lite': ['--sessions'],
  'sdk-v1': ['--sessions'],
};

/** Bytes of heap after collection: for each idle session, for each open idle stream, and what 100 000 calls leave. */
export async function measureMemory(_workload, { quick }) {
  const scale = quick ? 10 : 1;
  const servers = {};
  for (const [id, args] of Object.entries(STARTED)) {
    servers[id] = await measure(id, args, {
      sessions: 5_000 / scale,
      streams: 500 / scale,
      calls: 100_000 / scale,
    });
  }
  return { servers };
}

async function measure(id, args, { sessions, streams, calls }) {
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
  const beforeCalls = await heap();
  await load(url, some.slice(0, 32), calls);
  const afterCalls = await heap();
  await stop();
  return {
    session: (withSessions - before) / sessions,
    stream: (withStreams - withSessions) / streams,
    calls: afterCalls - beforeCalls,
    counts: { sessions, streams, calls },
  };
}

async function load(url, headers, amount) {
  const expected = await (await send(url, { method: 'POST', headers: headers[0], body: echo })).text();
  const job = { url, method: 'POST', body: echo, headers, expected, amount };
  const { problem } = await runJob('load.mjs', job);
  if (problem) throw new Error(`${url}: ${problem}`);
}

const echo = call('echo', { text: 'Hello' });
