import { OWN } from '../servers.mjs';
import { format } from './table.mjs';

const SDKS = ['sdk-v1', 'sdk-v2', 'nest-express', 'nest-fastify'];
const ECHOES = ['echo', 'modern', 'session', '10kb', '100kb'];

/** What is aimed at: rows of goal, wanted, measured, and whether it is met. */
export function goals(results) {
  const rate = (workload, id) => results[workload]?.cells?.[id]?.rate;
  const ratio = (workload, id, other, otherWorkload = workload) =>
    rate(workload, id) / rate(otherWorkload, other);
  const worst = (ratios) => {
    const known = ratios.filter(([value]) => Number.isFinite(value)).toSorted(([a], [b]) => a - b);
    return known[0] ?? [NaN, ''];
  };
  const against = (id, others, workloads = Object.keys(results)) =>
    worst(workloads.flatMap((name) => others.map((other) => [ratio(name, id, other), `${name}, ${other}`])));
  const atLeast = (goal, wanted, [value, where = '']) => [
    goal,
    `≥ ${wanted}`,
    `${format(value, 2)}${where && ` (${where})`}`,
    verdict(value, value >= wanted),
  ];
  const atMost = (goal, wanted, value, unit = '') => [
    goal,
    `≤ ${wanted}${unit}`,
    `${format(value, 2)}${unit}`,
    verdict(value, value <= wanted),
  ];

  const { deliver, memory, scaling } = results;
  const heap = (key) =>
    Math.max(...['fastify', 'express'].map((id) => memory?.servers[id]?.[key] ?? NaN)) / 1024;
  const growth = (name) => scaling?.[name] && scaling[name][1].cpu / scaling[name][0].cpu;
  return [
    atLeast('Fastify by bare Fastify: echo, stateless', 0.8, [ratio('echo', 'fastify', 'bare-fastify')]),
    atLeast('Fastify by bare Fastify: echo, 2026-07-28', 0.8, [ratio('modern', 'fastify', 'bare-fastify')]),
    atLeast('Fastify by bare Fastify: echo, session', 0.75, [ratio('session', 'fastify', 'bare-fastify')]),
    atLeast('Fastify, 50 tools listed, by bare echo', 0.6, [
      ratio('list', 'fastify', 'bare-fastify', 'echo'),
    ]),
    atLeast('Express by bare Express: every echo', 1, against('express', ['bare-express'], ECHOES)),
    atLeast('Fastify by mcp-lite: whatever both do', 2, against('fastify', ['mcp-lite'])),
    atLeast('Fastify by every SDK-based peer', 8, against('fastify', SDKS)),
    atLeast(
      'Express by every peer on Express or Nest',
      1,
      against('express', ['sdk-v1', 'nest-express', 'nest-fastify']),
    ),
    atLeast('Ten progress notifications: Fastify by mcp-lite', 1.5, [
      ratio('progress', 'fastify', 'mcp-lite'),
    ]),
    ...[
      ['Redis', 0.65],
      ['Postgres', 0.35],
      ['NATS', 0.5],
    ].map(([store, goal]) =>
      atLeast(
        `Session in ${store} by session in memory`,
        goal,
        worst(OWN.map((id) => [ratio(store.toLowerCase(), id, id, 'session'), id])),
      ),
    ),
    atMost('Delivery between instances, Redis round trips', 3, deliver?.ratio),
    atMost('Idle session', 2, heap('session'), ' KiB'),
    atMost('Idle stream', 30, heap('stream'), ' KiB'),
    atMost('CPU of a call, 10 000 sessions by 32', 1.15, growth('sessions')),
    atMost('CPU of a call, 1 000 tools by 10', 1.15, growth('tools')),
    atLeast(
      'Fastify, direct, by bare node:http',
      0.7,
      against('fastify-direct', ['bare-node'], ['echo', 'modern', 'session']),
    ),
    atLeast(
      'Express, direct, by bare node:http',
      0.7,
      against('express-direct', ['bare-node'], ['echo', 'modern', 'session']),
    ),
  ];
}

function verdict(value, isMet) {
  if (!Number.isFinite(value)) return 'not measured';
  return isMet ? 'met' : '**missed**';
}
