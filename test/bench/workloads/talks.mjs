/** Workloads whose requests differ: a conversation over and over, or a call with an id of its own. */
import { measureCold } from '../cells.mjs';
import { call, legacyHeaders, modernHeaders, modernMeta, openSessions } from './messages.mjs';

const CLIENTS = 16;
const MEMORY = ['--sessions', 'memory'];
const modern = async () => Array.from({ length: CLIENTS }, () => modernHeaders('ask'));

export const TALK_WORKLOADS = [
  {
    name: 'pushed',
    title: 'elicitation, pushed',
    script: 'talk.mjs',
    kind: 'pushed',
    connect: (url) => openSessions(url, CLIENTS, legacyHeaders()),
    servers: { fastify: MEMORY, express: MEMORY, 'mcp-lite': ['--sessions'], 'sdk-v1': ['--sessions'] },
  },
  {
    name: 'cold-pushed',
    title: 'elicitation, pushed, the first 2,000',
    measure: measureCold,
    calls: 2_000,
    script: 'talk.mjs',
    kind: 'pushed',
    connect: (url) => openSessions(url, CLIENTS, legacyHeaders()),
    servers: { fastify: MEMORY, express: MEMORY, 'mcp-lite': ['--sessions'] },
  },
  {
    name: 'parked',
    title: 'elicitation, parked',
    script: 'talk.mjs',
    kind: 'returned',
    connect: modern,
    servers: { fastify: MEMORY, express: MEMORY },
  },
  ...['Redis', 'Postgres', 'NATS'].map((title) => {
    const store = title.toLowerCase();
    return {
      name: `parked-${store}`,
      title: `elicitation, parked, ${title}`,
      script: 'talk.mjs',
      kind: 'returned',
      connect: modern,
      servers: { fastify: ['--sessions', store] },
      store,
    };
  }),
  {
    name: 'replayed',
    title: 'elicitation, replayed',
    script: 'talk.mjs',
    kind: 'returned',
    connect: modern,
    servers: { fastify: [], express: [], 'sdk-v2': [] },
  },
  ...['memory', 'Redis', 'Postgres', 'NATS'].map((title) => {
    const store = title.toLowerCase();
    return {
      name: `turn-${store}`,
      title: `ten notifications in one turn, session in ${title}`,
      script: 'talk.mjs',
      kind: 'said',
      connect: (url) => openSessions(url, CLIENTS, legacyHeaders()),
      servers: { fastify: ['--sessions', store] },
      ...(store !== 'memory' && { store }),
    };
  }),
];

export const ask = { q: 'Go on?' };
export const askLegacy = (id) => call('ask', ask, undefined, id);
export const sayTen = (id) => call('progress', { steps: 10, awaits: false }, { progressToken: id }, id);
export const askModern = (more) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'ask', arguments: ask, ...more, _meta: modernMeta({ elicitation: {} }) },
  });
