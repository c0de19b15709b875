import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inputRequired, InMemoryClientRequestAdapter, type McpContext } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

const name = {
  method: 'elicitation/create',
  params: { message: 'Name?', requestedSchema: formOf('name') },
} as const;

let did: string[];

const ask = (ctx: McpContext) => {
  if (ctx.requestState === undefined)
    return inputRequired({ inputRequests: { name }, requestState: 'ä "1" \u0000' });
  return JSON.stringify([ctx.requestState, ctx.inputResponses]);
};

describe.each([
  ['with an adapter', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['without', () => ({})],
])('a handler that returns inputRequired(), %s', (_, adapters) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startScripted({
      tools: {
        ask,
        async mixed(ctx) {
          did.push('run');
          const made = await ctx.once('make', () => did.push('made'));
          const { content } = await ctx.elicit({ message: 'High?', schema: formOf('name'), key: 'high' });
          if (!ctx.inputResponses?.['low']) return inputRequired({ inputRequests: { low: name } });
          return JSON.stringify([made, content, ctx.inputResponses['low']]);
        },
        state_only: (ctx) => ctx.requestState ?? inputRequired({ requestState: 'later' }),
        too_much: () => inputRequired({ inputRequests: { name }, requestState: 'x'.repeat(70_000) }),
        nothing: () => inputRequired({}),
        page: () =>
          inputRequired({
            inputRequests: {
              page: {
                method: 'elicitation/create',
                params: { mode: 'url', message: 'Go', url: 'https://a.example' },
              },
            },
          }),
      },
      prompts: { ask },
      resources: { ask },
      mcp: { ...adapters(), logger: { log() {}, warn() {}, error() {} } },
    });
  });

  beforeEach(() => {
    did = [];
  });

  afterAll(() => app.close());

  it.each([
    ['tools/call', { name: 'ask', arguments: {} }, ({ content }: any) => content[0].text],
    ['prompts/get', { name: 'ask' }, ({ messages }: any) => messages[0].content.text],
    ['resources/read', { uri: 'test://ask' }, ({ contents }: any) => contents[0].text],
  ])('finds its answers and its state in %s', async (method, params, read) => {
    const client = new ModernClient(app.url, { method, params });
    const asked = await client.send();
    expect(askedIn(asked)).toEqual({ name });
    const inputResponses = { name: accept({ name: 'Ada' }), extra: { a: 1 } };
    const done = await client.answer(asked, inputResponses);
    expect(JSON.parse(read(done.json.result))).toEqual(['ä "1" \u0000', inputResponses]);
    expect((await client.answer(asked, { name: { action: 'what' } })).json.error.code).toBe(-32602);
  });

  it('may ask with await before, which is remembered', async () => {
    const client = ModernClient.tool(app, 'mixed');
    const first = await client.send();
    const second = await client.answer(first, { high: accept({ name: 'H' }) });
    expect(askedIn(second)).toEqual({ low: name });
    const low = accept({ name: 'L' });
    const last = await client.answer(second, { low });
    expect(JSON.parse(textOf(last.json))).toEqual([2, { name: 'H' }, low]);
    expect(did.filter((what) => what === 'made')).toHaveLength(1);
  });

  it('may ask to be called again, and no more', async () => {
    const client = ModernClient.tool(app, 'state_only');
    const asked = await client.send();
    expect(asked.json.result).not.toHaveProperty('inputRequests');
    expect(textOf((await client.send({ requestState: stateOf(asked) })).json)).toBe('later');
  });

  it('gets an error for more state than can travel, and for nothing to say', async () => {
    expect((await ModernClient.tool(app, 'too_much').send()).json.error).toEqual({
      code: -32603,
      message: expect.stringContaining('65536'),
    });
    expect((await ModernClient.tool(app, 'nothing').send()).json.result.isError).toBe(true);
  });

  it.each([
    ['ask', {}, { elicitation: {} }],
    ['ask', { elicitation: { url: {} } }, { elicitation: {} }],
    ['page', { elicitation: {} }, { elicitation: { url: {} } }],
  ])('asks nothing the client did not declare: %s, %j', async (tool, capabilities, requiredCapabilities) => {
    const { status, json } = await ModernClient.tool(app, tool, {}, { capabilities }).send();
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: -32021, data: { requiredCapabilities } });
  });

  it('is an error for legacy clients', async () => {
    const { json } = await app.post(legacy('tools/call', { name: 'ask' }), {
      'mcp-protocol-version': '2025-11-25',
    });
    expect(json.error).toEqual({ code: -32603, message: expect.stringContaining('cannot ask') });
  });
});
