import { type ProgramClient } from '../client.js';
import type { Moves } from '../moves.js';

/** Requests of the older revisions, on servers with sessions and without. */
export const legacyMoves: Moves = {
  async ping(client) {
    await client.ask('ping');
  },

  async 'initialize with another revision'(client) {
    const { random } = client;
    const clientInfo = { name: 'other', version: '2' };
    const protocolVersion = random.pick(['1999-01-01', '2025-06-18', '2026-07-28']);
    const params = random.pick<Record<string, unknown>>([
      { protocolVersion, capabilities: {}, clientInfo },
      { protocolVersion, capabilities: {} },
      { protocolVersion: 7, capabilities: {}, clientInfo },
    ]);
    const { body } = client.request('initialize', params);
    await client.send({ headers: { accept: 'application/json, text/event-stream' }, body });
  },

  async 'set the log level'(client) {
    await client.ask('logging/setLevel', {
      level: client.random.pick(['debug', 'warning', 'error', 'loud']),
    });
    await client.call('stream', { logs: 2 });
  },

  async 'subscribe and unsubscribe'(client) {
    for (const method of ['resources/subscribe', 'resources/unsubscribe'])
      await client.ask(method, { uri: client.random.pick(['note://open', 'note://nothing']) });
  },

  async batch(client) {
    const { random } = client;
    const one = () => {
      const id = client.id();
      const meta = { progressToken: id };
      return random.pick([
        () => client.request('ping', {}, { id }),
        () => client.request('tools/list', {}, { id }),
        () => client.request('tools/call', { name: 'echo', arguments: { text: 'x' } }, { id }),
        () => client.request('tools/call', { name: 'stream', arguments: { progress: 2 } }, { id, meta }),
        () => client.request('tools/call', { name: 'fail', arguments: { how: 'error' } }, { id }),
        () => client.request('unknown/method', {}, { id }),
        () => ({ body: { jsonrpc: '2.0', method: 'notifications/unknown' } }),
      ])().body;
    };
    const body = Array.from({ length: 1 + random.int(4) }, one);
    if (random.chance(15)) body.push({ jsonrpc: '2.0', id: 1 });
    await client.send({ headers: client.headers(), body });
  },

  async 'a batch of notifications'(client) {
    const body = [1, 2].map(() => ({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }));
    await client.send({ headers: client.headers(), body });
  },

  async 'a method of the newer revision'(client) {
    await client.ask(client.random.pick(['server/discover', 'subscriptions/listen']), { notifications: {} });
  },

  async 'state where there may be none'(client) {
    const key = client.key();
    await client.call('set', { key, value: { a: [1, null] } });
    await client.call('get', { key });
    await client.call('set', { key });
    await client.call('get', { key });
  },

  async 'ask, perhaps without a session'(client) {
    const name = client.random.pick(['elicit', 'sample', 'roots']);
    if (!client.keepsSessions) await client.call('ask', { steps: ['progress', 'once', name] });
    else await withoutCapabilities(client, name);
  },

  async 'GET or DELETE of what is no session'(client) {
    const headers: Record<string, string> = {
      ...client.headers(),
      accept: client.random.pick(['text/event-stream', '*/*']),
    };
    delete headers['mcp-session-id'];
    const session = client.random.pick([{}, { 'mcp-session-id': 'nobody' }, { 'mcp-session-id': '}{' }]);
    await client.send({ verb: client.random.pick(['GET', 'DELETE']), headers: { ...headers, ...session } });
  },
};

/** Questions to a client that has not declared the capability. */
async function withoutCapabilities(client: ProgramClient, step: string): Promise<void> {
  const { session, capabilities } = client;
  client.capabilities = {};
  await client.initialize();
  await client.call('ask', { steps: [step] });
  [client.session, client.capabilities] = [session, capabilities];
}
