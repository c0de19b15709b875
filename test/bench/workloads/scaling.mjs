import { runLoad, startServer } from '../processes.mjs';
import { median } from '../report/median.mjs';
import { SERVERS } from '../servers.mjs';
import { listen } from './listen.mjs';
import { call, legacyHeaders, openSessions } from './messages.mjs';

const CONNECTIONS = 32;
const body = call('echo', { text: 'Hello' });

/** The cost of a call where little else is there, and where much is. */
const COMPARISONS = [
  { name: 'sessions', few: CONNECTIONS, many: 10_000, prepare: (count) => withSessions(count) },
  { name: 'streams', few: 0, many: 10_000, prepare: (count) => withStreams(count) },
  { name: 'tools', few: 10, many: 1_000, prepare: (count) => withTools(count) },
];

export async function measureScaling(_workload, { quick, rounds, seconds, warmUp }) {
  const result = {};
  for (const { name, few, many, prepare } of COMPARISONS) {
    const counts = [few, quick && name !== 'tools' ? many / 10 : many];
    const cells = [];
    for (const count of counts) cells.push(await prepare(count));
    for (const cell of cells) await runLoad(cell, { seconds: warmUp });
    // A difference of a few percent is looked for: more and shorter turns even out what else the machine does.
    for (let round = 1; round <= rounds * 2; round += 1) {
      for (const cell of cells) cell.results.push(await runLoad(cell, { seconds: Math.max(1, seconds / 2) }));
    }
    result[name] = cells.map(({ results }, index) => ({
      count: counts[index],
      rate: median(results.map(({ rate }) => rate)),
      cpu: median(results.map(({ cpu }) => cpu)),
    }));
    for (const { stop } of cells) await stop();
  }
  return result;
}

/** Each connection has a session; the others are idle. */
async function withSessions(count) {
  const cell = await startCell(['--sessions', 'memory']);
  const sessions = await openSessions(cell.url, count);
  return prepare(cell, sessions.slice(0, CONNECTIONS));
}

/** As many open streams as sessions besides those of the connections; the streams end with the server. */
async function withStreams(count) {
  const cell = await startCell(['--sessions', 'memory']);
  const calling = await openSessions(cell.url, CONNECTIONS);
  const listening = await openSessions(cell.url, count);
  for (let from = 0; from < count; from += 100) {
    await Promise.all(listening.slice(from, from + 100).map((headers) => listen(cell.url, headers)));
  }
  return prepare(cell, calling);
}

async function withTools(count) {
  const cell = await startCell(['--tools', String(count)]);
  return prepare(
    cell,
    Array.from({ length: CONNECTIONS }, () => legacyHeaders()),
  );
}

function startCell(args) {
  const { fastify } = SERVERS;
  return startServer({ ...fastify, args: [...fastify.args, ...args] });
}

async function prepare({ url, pid, stop }, headers) {
  const answer = await fetch(url, { method: 'POST', headers: headers[0], body });
  const expected = await answer.text();
  if (answer.status !== 200 || !expected.includes('"Hello"'))
    throw new Error(`${url}: ${answer.status} ${expected}`);
  return {
    pid,
    stop,
    job: { script: 'load.mjs', url, method: 'POST', body, headers, expected },
    results: [],
  };
}
