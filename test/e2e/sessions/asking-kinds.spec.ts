import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../../support/app.js';
import { takeViolations } from '../../support/wire.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';

const form = { type: 'object', properties: {} };
const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Hi' } }];
const tool = { name: 't', inputSchema: { type: 'object' as const } };
const turns = [
  ...messages,
  {
    role: 'assistant' as const,
    content: [
      { type: 'tool_use' as const, id: '1', name: 't', input: {} },
      { type: 'tool_use' as const, id: '2', name: 't', input: {} },
    ],
  },
  {
    role: 'user' as const,
    content: ['2', '1'].map((toolUseId) => ({ type: 'tool_result' as const, toolUseId, content: [] })),
  },
];

let app: TestApp;
beforeAll(async () => {
  app = await startSessions({
    tools: {
      form: async (ctx) => JSON.stringify(await ctx.elicit({ message: '?', schema: form })),
      page: async (ctx) => JSON.stringify(await ctx.elicit({ message: 'Pay', url: 'https://pay.example/1' })),
      model: async (ctx) => JSON.stringify(await ctx.sample({ messages, maxTokens: 9 })),
      tools: async (ctx) => JSON.stringify(await ctx.sample({ messages, maxTokens: 9, tools: [tool] })),
      turns: async (ctx) =>
        JSON.stringify(await ctx.sample({ messages: turns, maxTokens: 9, tools: [tool] })),
      unanswered: async (ctx) =>
        JSON.stringify(await ctx.sample({ messages: turns.slice(0, 2), maxTokens: 9, tools: [tool] })),
      nowhere: async (ctx) => JSON.stringify(await ctx.elicit({ message: 'Pay', url: 'nowhere' })),
      roots: async (ctx) => JSON.stringify(await ctx.listRoots()),
      supports: (ctx) =>
        ['elicitation', 'elicitation.form', 'elicitation.url', 'sampling', 'sampling.tools', 'roots']
          .filter((name) => ctx.client.supports(name))
          .join(' '),
    },
  });
});
afterAll(() => app.close());

/** Calls a tool of a client with these capabilities and answers what it asks. */
async function exchange(name: string, capabilities: object, answer: object) {
  const client = await SessionClient.open(app, { capabilities });
  const call = client.begin(name);
  const question = await call.message(({ method }) => method !== undefined);
  await client.answer(question, answer);
  const { result } = await call.message((message) => 'result' in message);
  return { question, result, text: textOf({ result }) };
}

describe('a question of each kind', () => {
  it('shows a page, which has an id of its own', async () => {
    const capabilities = { elicitation: { url: {} } };
    const { question, text } = await exchange('page', capabilities, { action: 'accept' });
    expect(question.method).toBe('elicitation/create');
    expect(question.params).toEqual({
      mode: 'url',
      message: 'Pay',
      url: 'https://pay.example/1',
      elicitationId: expect.stringMatching(/^[\w-]{20,}$/),
    });
    expect(JSON.parse(text)).toEqual({ action: 'accept' });
  });

  it('asks the model of the client', async () => {
    const content = { type: 'text', text: 'Hello' };
    const said = { role: 'assistant', content, model: 'm', stopReason: 'endTurn' };
    const { question, text } = await exchange('model', { sampling: {} }, said);
    expect([question.method, question.params]).toEqual([
      'sampling/createMessage',
      { messages, maxTokens: 9 },
    ]);
    expect(JSON.parse(text)).toEqual(said);
  });

  it('offers the model tools', async () => {
    const said = { role: 'assistant', content: [], model: 'm', stopReason: 'toolUse' };
    const { question } = await exchange('tools', { sampling: { tools: {} } }, said);
    expect(question.params.tools).toEqual([tool]);
  });

  it('hands the model what its tools have said', async () => {
    const said = { role: 'assistant', content: { type: 'text', text: 'Done' }, model: 'm' };
    const { question } = await exchange('turns', { sampling: { tools: {} } }, said);
    expect(question.params.messages).toEqual(turns);
  });

  it('is not asked without a page to show, or with a tool that has not answered the model', async () => {
    const client = await SessionClient.open(app, {
      capabilities: { elicitation: { url: {} }, sampling: { tools: {} } },
    });
    for (const name of ['nowhere', 'unanswered']) {
      const answer = await client.call(name);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.json.result.isError).toBe(true);
    }
  });

  it('asks for the roots', async () => {
    const roots = [{ uri: 'file:///home', name: 'home' }];
    const { question, text } = await exchange('roots', { roots: { listChanged: true } }, { roots });
    expect(question.method).toBe('roots/list');
    expect(JSON.parse(text)).toEqual(roots);
  });

  it.each([
    ['model', { sampling: {} }, {}],
    ['model', { sampling: {} }, { role: 'assistant', model: 'm', content: 'text' }],
    ['roots', { roots: {} }, { roots: [{ name: 'no uri' }] }],
    ['roots', { roots: {} }, { roots: {} }],
  ])('takes only an answer that is one: %s', async (name, capabilities, answer) => {
    const { result, text } = await exchange(name, capabilities, answer);
    expect(result.isError).toBe(true);
    expect(text).toContain('The client sent no');
    expect(takeViolations().join()).toContain('answer to');
  });
});

describe('a client without the capability', () => {
  it.each([
    ['form', {}],
    ['form', { elicitation: { url: {} } }],
    ['page', { elicitation: {} }],
    ['page', { elicitation: { form: {} } }],
    ['model', {}],
    ['tools', { sampling: {} }],
    ['roots', { elicitation: {} }],
  ])('is not asked, and the tool says so: %s of %j', async (name, capabilities) => {
    const client = await SessionClient.open(app, { capabilities });
    const answer = await client.call(name);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json.result.isError).toBe(true);
    expect(textOf(answer.json)).toContain('The client does not support');
  });

  it('is known to the handler', async () => {
    const supported = async (capabilities: object) =>
      textOf((await (await SessionClient.open(app, { capabilities })).call('supports')).json);
    expect(await supported({})).toBe('');
    expect(await supported({ elicitation: {}, roots: {} })).toBe('elicitation elicitation.form roots');
    expect(await supported({ elicitation: { url: {} }, sampling: { tools: {} } })).toBe(
      'elicitation elicitation.url sampling sampling.tools',
    );
  });
});
