/** Requests of clients: bodies and headers. */
export const LEGACY = '2025-06-18';
export const MODERN = '2026-07-28';
const BOTH = 'application/json, text/event-stream';

/** Headers of a legacy client, in the order and spelling of the others. */
export function legacyHeaders(accept = BOTH) {
  return { 'content-type': 'application/json', accept, 'mcp-protocol-version': LEGACY };
}

export function modernHeaders(tool) {
  return {
    'content-type': 'application/json',
    accept: BOTH,
    'mcp-protocol-version': MODERN,
    'mcp-method': 'tools/call',
    'mcp-name': tool,
  };
}

/** The `_meta` of every modern request. */
export function modernMeta(clientCapabilities = {}) {
  return {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
  };
}

const clientInfo = { name: 'bench', version: '1.0.0' };

export const request = (method, params, id = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

export const call = (name, args, _meta, id) => request('tools/call', { name, arguments: args, _meta }, id);

export const initialize = request('initialize', {
  protocolVersion: LEGACY,
  capabilities: { elicitation: {} },
  clientInfo,
});

const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

export function without(headers, name) {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

/** Opens a session and returns the headers of its requests. */
export async function openSession(url, headers = legacyHeaders()) {
  // Not every peer takes the version in the header of the first request, where it is not asked for.
  const first = without(headers, 'mcp-protocol-version');
  const answer = await send(url, { method: 'POST', headers: first, body: initialize });
  const text = await answer.text();
  const id = answer.headers.get('mcp-session-id');
  if (answer.status !== 200 || id === null) throw new Error(`initialize: ${answer.status} ${text}`);
  const withSession = { ...headers, 'mcp-session-id': id };
  const accepted = await send(url, { method: 'POST', headers: withSession, body: initialized });
  await accepted.text();
  if (accepted.status !== 202) throw new Error(`notifications/initialized: ${accepted.status}`);
  return withSession;
}

/** A server may close an idle connection just when it is used again: then the request is sent once more. */
export async function send(url, options) {
  return fetch(url, options).catch(() => fetch(url, options));
}

/** Opens many, some at a time. */
export async function openSessions(url, count, headers) {
  const sessions = [];
  while (sessions.length < count) {
    const some = Math.min(32, count - sessions.length);
    sessions.push(...(await Promise.all(Array.from({ length: some }, () => openSession(url, headers)))));
  }
  return sessions;
}

/** The JSON-RPC messages of an answer, JSON or a stream. */
export function messagesOf(text) {
  if (!/^(?:id|event|data|retry|:)/m.test(text) || text.startsWith('{')) return [JSON.parse(text)];
  return [...text.matchAll(/^data: ?(.+)$/gm)]
    .filter(([, data]) => data.trim())
    .map(([, data]) => JSON.parse(data));
}
