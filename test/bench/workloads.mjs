/** How many connections the load has; each has a session of its own where the workload has sessions. */
export const CONNECTIONS = 32;

/** The servers to start: one of ours for every set of options, and a bare one. */
export const SERVERS = { plain: [], memory: ['--sessions', 'memory'], tools50: ['--tools', '50'] };

const LEGACY = '2025-06-18';
const MODERN = '2026-07-28';
const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const legacy = { ...common, 'mcp-protocol-version': LEGACY };
const modern = { ...common, 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const request = (method, params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const call = (name, args, _meta) => request('tools/call', { name, arguments: args, _meta });
const text = 'x'.repeat(10_000);

/**
 * `server` is a key of SERVERS, `includes` a part of the right answer; a streamed answer has no bare counterpart.
 * @type {{ name: string, title: string, server: string, headers: Record<string, string>, body: string,
 *   includes: string, streamed?: boolean }[]}
 */
export const WORKLOADS = [
  {
    name: 'legacy',
    title: 'echo, stateless, 2025-06-18',
    server: 'plain',
    headers: legacy,
    body: call('echo', { text: 'Hello' }),
    includes: '"text":"Hello"',
  },
  {
    name: 'modern',
    title: 'echo, 2026-07-28',
    server: 'plain',
    headers: modern,
    body: call('echo', { text: 'Hello' }, modernMeta),
    includes: '"text":"Hello"',
  },
  {
    name: 'session',
    title: 'echo, session in memory, 2025-06-18',
    server: 'memory',
    headers: legacy,
    body: call('echo', { text: 'Hello' }),
    includes: '"text":"Hello"',
  },
  {
    name: 'list',
    title: '`tools/list`, 50 tools',
    server: 'tools50',
    headers: legacy,
    body: request('tools/list'),
    includes: '"name":"tool_47"',
  },
  {
    name: 'large',
    title: 'echo, 10 kB',
    server: 'plain',
    headers: legacy,
    body: call('echo', { text }),
    includes: text,
  },
  {
    name: 'progress',
    title: 'ten progress notifications, streamed',
    server: 'plain',
    headers: legacy,
    body: call('progress', { steps: 10 }, { progressToken: 1 }),
    includes: '"progress":10,',
    streamed: true,
  },
];

/** The headers of each connection: with a session of its own on a server that keeps sessions. */
export async function connectionHeaders(url, workload) {
  if (workload.server !== 'memory') return Array.from({ length: CONNECTIONS }, () => workload.headers);
  const sessions = [];
  while (sessions.length < CONNECTIONS) sessions.push(await openSession(url, workload.headers));
  return sessions;
}

async function openSession(url, headers) {
  const clientInfo = { name: 'bench', version: '1.0.0' };
  const body = request('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo });
  const answer = await fetch(url, { method: 'POST', headers, body });
  const id = answer.headers.get('mcp-session-id');
  if (answer.status !== 200 || id === null) throw new Error(`initialize: ${await answer.text()}`);
  await answer.text();
  const withSession = { ...headers, 'mcp-session-id': id };
  const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const accepted = await fetch(url, { method: 'POST', headers: withSession, body: initialized });
  if (accepted.status !== 202) throw new Error(`notifications/initialized: ${await accepted.text()}`);
  return withSession;
}
