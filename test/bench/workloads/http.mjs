/** Workloads that send one request over and over. */
import { measureCold } from '../cells.mjs';
import { BARE, OWN, PEERS } from '../servers.mjs';
import {
  call,
  initialize,
  legacyHeaders,
  messagesOf,
  modernHeaders,
  modernMeta,
  openSession,
  openSessions,
  request,
  without,
} from './messages.mjs';

const CONNECTIONS = 32;
const MEMORY = ['--sessions', 'memory'];
const REDIS = ['--sessions', 'redis'];
const POSTGRES = ['--sessions', 'postgres'];
const NATS = ['--sessions', 'nats'];

/** The same arguments for several servers. */
const with_ = (ids, args = []) => Object.fromEntries(ids.map((id) => [id, args]));

const resultOf = (text) => messagesOf(text).at(-1).result;
const says = (text) => (answer) => resultOf(answer)?.content?.[0]?.text === text;

/** JSON wherever a server offers that, which is the quicker way to answer. */
const plain = async (_url, { accept }) => Array.from({ length: CONNECTIONS }, () => legacyHeaders(accept));
const sessions = (url, { accept }) => openSessions(url, CONNECTIONS, legacyHeaders(accept));

/** Large enough for `--tools` of every server. */
const TOOLS = ['--tools', '50'];
const [KB10, KB100] = [10_000, 100_000].map((length) => 'x'.repeat(length));

const echo = (name, title, text, extra) => ({
  name,
  title,
  body: call('echo', { text }),
  connect: plain,
  check: says(text),
  servers: with_([...OWN, ...BARE, ...PEERS]),
  json: true,
  ...extra,
});

const PLATFORMS = ['fastify', 'express'];
const BARE_PLATFORMS = ['bare-fastify', 'bare-express'];

const modernEcho = {
  body: call('echo', { text: 'Hello' }, modernMeta()),
  connect: async () => Array.from({ length: CONNECTIONS }, () => modernHeaders('echo')),
};

/** The calls of a process that has just started: after a deployment, in a test, in a function that is billed by time. */
const cold = { measure: measureCold, calls: 2_000 };

/**
 * `servers` says which are measured and what they are started with besides; `connect` makes the headers of each connection;
 * `check` judges an answer; `json`: peers are told to answer with JSON.
 */
export const HTTP_WORKLOADS = [
  echo('echo', 'echo, stateless, 2025-06-18', 'Hello'),
  echo('modern', 'echo, 2026-07-28', 'Hello', {
    ...modernEcho,
    servers: with_([...OWN, ...BARE, 'sdk-v2', 'nest-express', 'nest-fastify']),
  }),
  echo('session', 'echo, session in memory', 'Hello', {
    connect: sessions,
    servers: {
      ...with_(OWN, MEMORY),
      ...with_(BARE),
      ...with_(['mcp-lite', 'mcp-lite-json', 'sdk-v1', 'nest-express', 'nest-fastify'], ['--sessions']),
    },
  }),
  echo('cold-modern', 'echo, 2026-07-28, the first 2,000', 'Hello', {
    ...cold,
    ...modernEcho,
    servers: with_([...PLATFORMS, ...BARE_PLATFORMS]),
  }),
  echo('cold-session', 'echo, session in memory, the first 2,000', 'Hello', {
    ...cold,
    connect: sessions,
    servers: { ...with_(PLATFORMS, MEMORY), ...with_(BARE_PLATFORMS), 'mcp-lite': ['--sessions'] },
  }),
  echo('redis', 'echo, session in Redis', 'Hello', {
    connect: sessions,
    servers: { ...with_(OWN, REDIS), memory: [] },
    store: 'redis',
  }),
  echo('postgres', 'echo, session in Postgres', 'Hello', {
    connect: sessions,
    servers: { ...with_(OWN, POSTGRES), memory: [] },
    store: 'postgres',
  }),
  echo('nats', 'echo, session in NATS', 'Hello', {
    connect: sessions,
    servers: { ...with_(OWN, NATS), memory: [] },
    store: 'nats',
  }),
  {
    name: 'list',
    title: '`tools/list`, 50 tools',
    body: request('tools/list'),
    connect: plain,
    check: (answer) => resultOf(answer)?.tools?.length === 50 && answer.includes('"name":"tool_47"'),
    servers: { ...with_(OWN, TOOLS), ...with_(BARE), ...with_(PEERS, TOOLS) },
    json: true,
  },
  echo('10kb', 'echo, 10 kB', KB10),
  echo('100kb', 'echo, 100 kB', KB100),
  {
    name: 'progress',
    title: 'ten progress notifications',
    body: call('progress', { steps: 10 }, { progressToken: 1 }),
    connect: async () => Array.from({ length: CONNECTIONS }, () => legacyHeaders()),
    check: (answer) => {
      const messages = messagesOf(answer);
      return messages.length === 11 && messages[9].params.progress === 10 && says('10 steps')(answer);
    },
    // mcp-nest reports progress to clients of this revision on another stream than that of the call, or not at all.
    servers: with_([...OWN, 'mcp-lite', 'sdk-v1', 'sdk-v2']),
  },
  {
    name: 'initialize',
    title: '`initialize`, stateless',
    body: initialize,
    connect: plain,
    check: (answer) => resultOf(answer)?.protocolVersion === '2025-06-18',
    servers: with_([...OWN, ...BARE, ...PEERS]),
    json: true,
  },
  {
    name: 'resume',
    title: 'resume with 1 000 missed events',
    method: 'GET',
    connect: missEvents,
    check: (answer) => messagesOf(answer).length >= 1_000 && says('1000 steps')(answer),
    // Each client's events have ids of their own.
    isSimilar: true,
    servers: { fastify: MEMORY, express: MEMORY },
  },
  ...[
    ['redis', 'Redis', REDIS],
    ['postgres', 'Postgres', POSTGRES],
    ['nats', 'NATS', NATS],
  ].map(([store, title, args]) => ({
    name: `resume-${store}`,
    title: `resume with 1 000 missed events, ${title}`,
    method: 'GET',
    connect: missEvents,
    check: (answer) => messagesOf(answer).length >= 1_000 && says('1000 steps')(answer),
    isSimilar: true,
    servers: { fastify: args, express: args },
    store,
  })),
];

/** Clients that have lost the connection after the first event of a call, which has ended since. */
async function missEvents(url) {
  const clients = [];
  while (clients.length < 8) {
    const headers = await openSession(url);
    const body = call('progress', { steps: 1_000 }, { progressToken: 1 });
    const answer = await fetch(url, { method: 'POST', headers, body });
    // The whole answer is read, so that all of it is in the log; what the client has "seen" is its beginning.
    const [, firstId] = /^id: (\S+)$/m.exec(await answer.text()) ?? [];
    clients.push({
      ...without(headers, 'content-type'),
      accept: 'text/event-stream',
      'last-event-id': firstId,
    });
  }
  return clients;
}
