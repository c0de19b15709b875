import { pairOf } from './pairs.mjs';
import { format } from './table.mjs';

const SDKS = ['sdk-v1', 'sdk-v2', 'nest-express', 'nest-fastify'];
const ECHOES = ['echo', 'modern', 'session'];
const BARE_ROWS = [...ECHOES, 'list', '10kb', '100kb', 'initialize'];
const CONVERSATIONS = ['pushed', 'parked', 'replayed'];
const STORES = [
  ['redis', 'Redis', 0.65],
  ['postgres', 'Postgres', 0.35],
  ['nats', 'NATS', 0.5],
];

/** Goals: rows of goal, wanted, measured (the worst of its pairs, with their spread), and whether it is met. */
export function goals(results) {
  const pair = (workload, id, other, key) => ({
    ...pairOf(results[workload]?.cells?.[id], results[workload]?.cells?.[other], key),
    where: `${workload}, ${id} by ${other}`,
  });
  const pairs = (workloads, ids, others, key) =>
    workloads.flatMap((name) => ids.flatMap((id) => others.map((other) => pair(name, id, other, key))));
  const apart = (names) => Object.keys(results).filter((name) => !names.includes(name));

  const { memory, scaling } = results;
  const heap = (key) =>
    Math.max(...['fastify', 'express'].map((id) => memory?.servers[id]?.[key] ?? NaN)) / 1024;
  const growth = (name) => scaling?.[name] && scaling[name][1].cpu / scaling[name][0].cpu;
  return [
    ...ECHOES.map((name) =>
      atLeast(`Fastify by bare Fastify: ${name}`, 0.95, pairs([name], ['fastify'], ['bare-fastify'])),
    ),
    ...['cold-modern', 'cold-session'].map((name) =>
      // 1.3 times the CPU of the bare server.
      atLeast(`First 2,000 calls of a process: ${name}`, 1 / 1.3, [
        pair(name, 'fastify', 'bare-fastify'),
        pair(name, 'express', 'bare-express'),
      ]),
    ),
    ...BARE_ROWS.map((name) =>
      atLeast(`Express by bare Express: ${name}`, 1, pairs([name], ['express'], ['bare-express'])),
    ),
    ...ECHOES.map((name) =>
      atLeast(
        `Direct by bare node:http: ${name}`,
        0.75,
        pairs([name], ['fastify-direct', 'express-direct'], ['bare-node']),
      ),
    ),
    atLeast(
      'Fastify by mcp-lite: everything both do but pushed',
      1.5,
      pairs(apart(['pushed', 'cold-pushed']), ['fastify'], ['mcp-lite']),
    ),
    atLeast('Fastify by mcp-lite: elicitation pushed', 1, pairs(['pushed'], ['fastify'], ['mcp-lite'])),
    atLeast('Fastify by every SDK-based peer', 8, pairs(apart(CONVERSATIONS), ['fastify'], SDKS)),
    atLeast('Fastify by every SDK-based peer: conversations', 4, pairs(CONVERSATIONS, ['fastify'], SDKS)),
    ...STORES.map(([name, title, wanted]) =>
      atLeast(
        `Session in ${title} by session in memory, requests a second`,
        wanted,
        // The server that keeps sessions in memory is on Fastify: another platform would be measured, not its store.
        pairs([name], ['fastify'], ['memory'], 'rates'),
      ),
    ),
    atMost('Idle session', 1, heap('session'), ' KiB'),
    atMost('Idle stream', 10, heap('stream'), ' KiB'),
    atMost('Idle parked call', 8, heap('parked'), ' KiB'),
    atMost('CPU of a call, 10,000 sessions by 32', 1.1, growth('sessions')),
    atMost('CPU of a call, 10,000 open streams by none', 1.1, growth('streams')),
    atMost('CPU of a call, 1,000 tools by 10', 1.1, growth('tools')),
  ];
}

function atLeast(goal, wanted, all) {
  const [worst] = all.filter(({ ratio }) => Number.isFinite(ratio)).toSorted((a, b) => a.ratio - b.ratio);
  const measured = worst
    ? `${format(worst.ratio, 2)} (${format(worst.low, 2)} – ${format(worst.high, 2)}; ${worst.where})`
    : '–';
  return [goal, `≥ ${format(wanted, 2)}`, measured, verdict(worst?.ratio, worst?.ratio >= wanted)];
}

function atMost(goal, wanted, value, unit = '') {
  return [goal, `≤ ${wanted}${unit}`, `${format(value, 2)}${unit}`, verdict(value, value <= wanted)];
}

function verdict(value, isMet) {
  if (!Number.isFinite(value)) return 'not measured';
  return isMet ? 'met' : '**missed**';
}
