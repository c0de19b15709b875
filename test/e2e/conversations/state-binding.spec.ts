import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, type McpContext, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import type { HttpAnswer } from '../../support/http.js';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { ModernClient, stateOf, type Continuation } from '../../support/modern-client.js';

const SECRET = 'a secret that is long enough to be one';
let runs = 0;

const ask = async (ctx: McpContext) => {
  runs++;
  const { content } = await ctx.elicit({ message: 'Name?', schema: formOf('name'), key: 'name' });
  return `${(content as any).name}`;
};

const start = (mcp: McpModuleOptions) =>
  startScripted({
    tools: { ask, same: ask },
    prompts: { ask },
    resources: { ask, same: ask },
    mcp: {
      requestStateSecret: SECRET,
      principal: (request: any) => {
        const [issuer, subject] = request.headers['x-user']?.split(' ') ?? [];
        return subject && { issuer, subject };
      },
      ...mcp,
    },
  });

describe.each([
  ['parked', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['replayed', () => ({})],
])('the state of a %s call', (_, adapters) => {
  const inputResponses = { name: accept({ name: 'Ada' }) };
  let app: TestApp;
  let client: ModernClient;
  let requestState: string;

  beforeAll(async () => {
    app = await start(adapters());
  });

  beforeEach(async () => {
    const args = { a: 1, b: { c: [1, 2], d: null } };
    client = ModernClient.tool(app, 'ask', args, { headers: { 'x-user': 'issuer ada' } });
    requestState = stateOf(await client.send());
    runs = 0;
  });

  afterAll(() => app.close());

  const refused = async (other: ModernClient, continuation: Continuation = {}) => {
    const answer = await other.send({ requestState, inputResponses, ...continuation });
    expectRefusal(answer);
    expect(runs).toBe(0);
    // It was not used up either.
    expect(textOf((await client.send({ requestState, inputResponses })).json)).toBe('Ada');
  };

  it('is good for the same arguments in another order', async () => {
    const reordered = client.with({ params: { arguments: { b: { d: null, c: [1, 2] }, a: 1 } } });
    expect(textOf((await reordered.send({ requestState, inputResponses })).json)).toBe('Ada');
  });

  it.each<[string, object]>([
    ['a changed argument', { arguments: { a: 2, b: { c: [1, 2], d: null } } }],
    ['a changed order within a list', { arguments: { a: 1, b: { c: [2, 1], d: null } } }],
    ['an argument more', { arguments: { a: 1, b: { c: [1, 2], d: null }, e: 1 } }],
    ['a number as text', { arguments: { a: '1', b: { c: [1, 2], d: null } } }],
    ['no arguments', { arguments: undefined }],
    ['another tool', { name: 'same' }],
  ])('is refused for %s', async (_case, params) => {
    await refused(client.with({ params }));
  });

  it.each([
    ['another principal', 'issuer bob'],
    ['another issuer', 'other ada'],
    ['nobody', ''],
  ])('is refused for %s', async (_case, user) => {
    await refused(client.with({ headers: { 'x-user': user } }));
  });

  it('is refused for another method', async () => {
    const { options, subject } = client;
    await refused(new ModernClient(app.url, { method: 'prompts/get', params: subject.params }, options));
    const read = new ModernClient(
      app.url,
      { method: 'resources/read', params: { uri: 'test://ask' } },
      options,
    );
    const state = stateOf(await read.send());
    runs = 0;
    const other = new ModernClient(
      app.url,
      { method: 'resources/read', params: { uri: 'test://same' } },
      options,
    );
    expectRefusal(await other.send({ requestState: state, inputResponses }));
    expect(runs).toBe(0);
  });

  it.each([
    ['a number', 1],
    ['null', null],
    ['an object', {}],
    ['a list', []],
    ['nothing', ''],
    ['words', 'hello'],
    ['too much', 'A'.repeat(70_000)],
  ])('is refused when it is %s', async (_case, given) => {
    await refused(client, { requestState: given });
  });

  it.each<[string, McpModuleOptions]>([
    ['another server', { serverInfo: { name: 'other', version: '0.0.0' } }],
    ['a server of another name', { name: 'other' }],
    ['one with another secret', { requestStateSecret: `another ${SECRET}` }],
  ])('is refused by %s', async (_case, options) => {
    const other = await start({ ...adapters(), ...options });
    await refused(client.with({ url: other.url }));
    await other.close();
  });

  it('says nothing of what it holds', async () => {
    const plain = Buffer.from(requestState, 'base64url').toString('latin1');
    for (const word of ['name', 'elicitation', 'asked', 'ada', 'issuer']) expect(plain).not.toContain(word);
  });
});

it('is refused when it was used up, in a parked call', async () => {
  const app = await start({ clientRequestAdapter: new InMemoryClientRequestAdapter() });
  const client = ModernClient.tool(app, 'ask');
  const asked = await client.send();
  expect(textOf((await client.answer(asked, { name: accept({ name: 'Ada' }) })).json)).toBe('Ada');
  runs = 0;
  const again = await client.answer(asked, { name: accept({ name: 'Bob' }) });
  expectRefusal(again);
  expect(again.json.error.message).toContain('call again without it');
  expect(runs).toBe(0);
  await app.close();
});

function expectRefusal({ status, json }: HttpAnswer): void {
  expect(status).toBe(200);
  expect(json.error.code).toBe(-32602);
  expect(json.error.data).toBeUndefined();
}
