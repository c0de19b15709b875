import type { WireRequest } from './connection.js';

/** A caller and what it speaks: on its own, in a session, or of 2026-07-28. */
export type Way = 'alone' | 'session' | 'modern';

export const USERS = ['alice', 'bob'] as const;
export type User = (typeof USERS)[number];

type Params = Record<string, unknown>;

/** A proper request or notification of every method; `mark` stands in what is the caller's own. */
export const CALLS: readonly { readonly method: string; readonly params: (mark: string) => Params }[] = [
  ...['echo', 'count', 'typed', 'strict', 'fail'].map((name) => tool(name, {})),
  tool('typed', { inner: { city: 'Bergen' } }),
  tool('strict', { at: '2026-01-01T00:00:00Z' }),
  tool('ask', {}),
  call('tools/list', {}),
  call('resources/list', {}),
  call('resources/templates/list', {}),
  call('prompts/list', { cursor: 'none' }),
  call('resources/read', { uri: 'test://page' }),
  { method: 'resources/read', params: (mark) => ({ uri: `note://me/${encodeURIComponent(mark)}?q=1` }) },
  call('prompts/get', { name: 'greet', arguments: { who: 'you' } }),
  call('completion/complete', {
    ref: { type: 'ref/prompt', name: 'greet' },
    argument: { name: 'who', value: 'y' },
  }),
  call('ping', {}),
  call('logging/setLevel', { level: 'info' }),
  call('resources/subscribe', { uri: 'test://page' }),
  call('resources/unsubscribe', { uri: 'test://page' }),
  call('server/discover', {}),
  call('subscriptions/listen', { notifications: { toolsListChanged: true } }),
  call('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {} },
    clientInfo: { name: 'fuzz', version: '1' },
  }),
  call('notifications/initialized', {}),
  call('notifications/cancelled', { requestId: 1, reason: 'why not' }),
  call('notifications/progress', { progressToken: 1, progress: 1 }),
  call('notifications/roots/list_changed', {}),
];

function call(method: string, params: Params) {
  return { method, params: () => params };
}

function tool(name: string, rest: Params) {
  return { method: 'tools/call', params: (mark: string) => ({ name, arguments: { mark, ...rest } }) };
}

const META = 'io.modelcontextprotocol/';

/** Fields of a modern request about its sender. */
export const MODERN_META: Params = {
  [`${META}protocolVersion`]: '2026-07-28',
  [`${META}clientInfo`]: { name: 'fuzz', version: '1' },
  [`${META}clientCapabilities`]: { elicitation: {} },
};

/** A message as it is said on its way. */
export function toMessage(way: Way, method: string, params: Params, id: unknown): Params {
  const meta = way === 'modern' ? { ...MODERN_META, progressToken: 1 } : { progressToken: 1 };
  const identity = method.startsWith('notifications/') ? {} : { id };
  return { jsonrpc: '2.0', ...identity, method, params: { ...params, _meta: meta } };
}

/** The headers that go with a message. */
export function headersOf(
  way: Way,
  user: User,
  session: string | undefined,
  message: Params,
): [name: string, value: string][] {
  const headers: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['Accept', 'application/json, text/event-stream'],
    ['X-User', user],
  ];
  if (way === 'session' && session !== undefined) {
    headers.push(['Mcp-Session-Id', session], ['MCP-Protocol-Version', '2025-11-25']);
  }
  if (way !== 'modern') return headers;
  const { name, uri } = message['params'] as Params;
  headers.push(['MCP-Protocol-Version', '2026-07-28'], ['Mcp-Method', String(message['method'])]);
  const about = name ?? uri;
  if (typeof about === 'string') headers.push(['Mcp-Name', about]);
  return headers;
}

/** A proper POST. */
export function post(
  user: User,
  way: Way,
  message: Params,
  session?: string,
  extra: readonly [string, string][] = [],
): WireRequest {
  return {
    method: 'POST',
    headers: [...headersOf(way, user, session, message), ...extra],
    body: JSON.stringify(message),
  };
}
