import { messageOf, type RequestOptions } from '../client.js';
import type { Moves } from '../moves.js';

const LISTS = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'] as const;
const URIS = [
  'note://open',
  'note://bytes',
  'note://broken',
  'note://by-id/12',
  'note://by-id/404',
  'note://by-id/a%20b',
  'note://nothing/here',
  'no uri',
] as const;

/** Requests that every revision has. */
export const commonMoves: Moves = {
  async 'list to the end'(client) {
    const method = client.random.pick(LISTS);
    let cursor: string | undefined;
    do {
      const answer = await client.ask(method, cursor === undefined ? {} : { cursor });
      cursor = messageOf(answer)?.result?.nextCursor;
    } while (cursor !== undefined);
  },

  async 'list from a wrong cursor'(client) {
    await client.ask(client.random.pick(LISTS), { cursor: client.random.pick(['', 'nowhere', 'e30']) });
  },

  async read(client) {
    for (const _ of [1, 2]) await client.ask('resources/read', { uri: client.random.pick(URIS) });
  },

  async 'get a prompt'(client) {
    const params = client.random.pick([
      { name: 'greet', arguments: { who: 'Ada' } },
      { name: 'greet', arguments: { who: 'Ada', how: 'Hi' } },
      { name: 'greet', arguments: {} },
      { name: 'greet' },
      { name: 'greet', arguments: { who: 5 } },
      { name: 'faulty' },
      { name: 'nobody' },
    ]);
    await client.ask('prompts/get', params);
  },

  async complete(client) {
    const prompt = { type: 'ref/prompt', name: 'greet' };
    const template = { type: 'ref/resource', uri: 'note://by-id/{id}' };
    const params = client.random.pick<object>([
      { ref: prompt, argument: { name: 'how', value: 'He' }, context: { arguments: { who: 'Ada' } } },
      { ref: prompt, argument: { name: 'how', value: '' } },
      { ref: prompt, argument: { name: 'who', value: '' } },
      { ref: template, argument: { name: 'id', value: '1' } },
      { ref: { type: 'ref/prompt', name: 'nobody' }, argument: { name: 'a', value: '' } },
      { ref: { type: 'ref/other' }, argument: { name: 'a', value: '' } },
      { argument: 5 },
    ]);
    await client.ask('completion/complete', params as Record<string, unknown>);
  },

  async call(client) {
    const calls: [name: string, args?: object][] = [
      ['echo', { text: 'héllo\n\u2028 "quoted"' }],
      ['echo', { text: 5 }],
      ['echo'],
      ['sum', { a: 1, b: 2 }],
      ['sum', { a: 1, b: 200 }],
      ['sum', { a: 'one', b: [] }],
      ['blocks'],
      ['slow'],
      ['nobody'],
      ['fail', { how: 'result' }],
      ['fail', { how: 'protocol' }],
      ['fail', { how: 'forbidden' }],
      ['fail', { how: 'error' }],
    ];
    for (const _ of [1, 2]) {
      const [name, args = {}] = client.random.pick(calls);
      await client.call(name, args);
    }
  },

  async stream(client) {
    const { random } = client;
    const args = { progress: random.int(4), logs: random.int(3) };
    const meta: Record<string, unknown> = {};
    if (random.chance(75)) meta['progressToken'] = random.pick(['token', 7, 0]);
    if (client.isModern && random.chance(60)) {
      meta['io.modelcontextprotocol/logLevel'] = random.pick(['debug', 'warning', 'emergency']);
    }
    await client.call('stream', args, { meta });
  },

  async 'accept only one kind'(client) {
    const accept = client.random.pick([
      'application/json',
      'text/event-stream',
      '*/*',
      'text/html',
      undefined,
    ]);
    const meta = { progressToken: 'token' };
    await client.call('stream', { progress: 2 }, { headers: { accept }, meta });
  },

  async 'hold and release'(client) {
    const key = client.key();
    const options: RequestOptions = client.random.chance(60) ? { meta: { progressToken: key } } : {};
    const held = client.begin('tools/call', { name: 'hold', arguments: { key } }, options);
    await client.call('release', { key });
    await held.closed();
  },

  async 'unknown method'(client) {
    const method = client.random.pick(['nothing/known', 'tools/fly', 'initialise', 'subscriptions/listen/x']);
    await client.ask(method);
  },

  async 'wrong parameters'(client) {
    const [method, params] = client.random.pick<[string, Record<string, unknown>]>([
      ['tools/call', {}],
      ['tools/call', { name: 7 }],
      ['tools/call', { name: 'echo', arguments: 'text' }],
      ['resources/read', {}],
      ['prompts/get', { name: null }],
      ['tools/list', { cursor: 9 }],
    ]);
    await client.ask(method, params);
  },

  async 'no message'(client) {
    const { random } = client;
    const headers = { ...client.headers(), 'content-type': 'application/json' };
    const body = random.pick<unknown>([
      '{"jsonrpc":"2.0",',
      'no JSON',
      '5',
      'null',
      '[]',
      '{}',
      '{"jsonrpc":"1.0","id":1,"method":"ping"}',
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      '{"jsonrpc":"2.0","id":1,"method":7}',
      '{"jsonrpc":"2.0","id":1.5,"method":"ping","params":[]}',
    ]);
    await client.send({ headers, body });
  },

  async 'wrong HTTP'(client) {
    const headers = client.headers();
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    await client.send(
      client.random.pick([
        { headers: { ...headers, 'content-type': 'text/plain' }, body },
        { headers: { ...headers, 'content-type': 'application/json' }, body: '' },
        { headers: { ...headers, 'content-type': 'application/json', origin: 'https://evil.example' }, body },
        { headers: { ...headers, 'content-type': 'application/json', host: 'evil.example' }, body },
        { verb: 'PUT', headers: { ...headers, 'content-type': 'application/json' }, body },
      ]),
    );
  },

  async 'unknown revision'(client) {
    const headers = { 'mcp-protocol-version': client.random.pick(['1999-01-01', '2027-01-01', 'latest']) };
    await client.ask('tools/list', {}, { headers });
  },

  async 'an answer nobody waits for'(client) {
    const result = { action: 'decline' };
    await client.send({ headers: client.headers(), body: { jsonrpc: '2.0', id: 'nobody', result } });
  },

  async 'a notification'(client) {
    const method = client.random.pick(['notifications/roots/list_changed', 'notifications/unknown']);
    await client.notify(method);
  },
};
