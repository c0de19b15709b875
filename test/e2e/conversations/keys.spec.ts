import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, startScripted, textOf } from './fixture.js';
import { ALL_CAPABILITIES, askedIn, ModernClient } from '../../support/modern-client.js';

const errors: string[] = [];
const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
const sampling = { messages: [], maxTokens: 1 };
const schema = formOf('name');

describe.each([
  ['parked', () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() })],
  ['replayed', () => ({})],
])('the questions of a %s call', (_, adapters) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startScripted({
      tools: {
        async mixed(ctx) {
          const asked = [
            ctx.elicit({ message: '1', schema }),
            ctx.sample(sampling),
            ctx.elicit({ message: 'zod', schema: z.object({ name: z.string() }) }),
            ctx.elicit({ message: 'named', schema, key: 'user name' }),
            ctx.listRoots(),
            ctx.sample({ ...sampling, key: 'toString' }),
            Promise.resolve().then(() => ctx.elicit({ message: 'page', url: 'https://a.example' })),
          ];
          return String((await Promise.all(asked)).length);
        },
        async twice(ctx) {
          await ctx.elicit({ message: '1', schema, key: 'same' });
          await ctx.elicit({ message: '2', schema, key: 'same' });
        },
        async taken(ctx) {
          const one = await ctx.elicit({ message: '1', schema, key: 'elicitation_1' });
          const two = await ctx.elicit({ message: '2', schema });
          return JSON.stringify([one.content, two.content]);
        },
        async undeclared(ctx) {
          await Promise.all([
            ctx.elicit({ message: '1', schema }),
            ctx.sample(sampling),
            ctx.listRoots(),
            ctx.elicit({ message: 'page', url: 'https://a.example' }),
          ]);
        },
        async tools_in_sampling(ctx) {
          await ctx.sample({ ...sampling, tools: [] });
        },
        async manages_without(ctx) {
          const said = await ctx.sample(sampling).catch(() => undefined);
          const { action } = await ctx.elicit({ message: '1', schema });
          return `${said?.model} ${action}`;
        },
      },
      mcp: { ...adapters(), logger },
    });
  });

  afterAll(() => app.close());

  it('leave together, under readable or chosen keys, the same every time', async () => {
    for (let i = 0; i < 2; i++) {
      const asked = askedIn(await ModernClient.tool(app, 'mixed').send());
      expect(
        Object.entries(asked)
          .map(([key, { params }]) => [key, params?.message])
          .toSorted(),
      ).toEqual([
        ['elicitation_1', '1'],
        ['elicitation_2', 'zod'],
        ['elicitation_3', 'page'],
        ['roots_1', undefined],
        ['sampling_1', undefined],
        ['toString', undefined],
        ['user name', 'named'],
      ]);
    }
  });

  it('may not share a key, which is logged', async () => {
    errors.length = 0;
    const client = ModernClient.tool(app, 'twice');
    const { json } = await client.answer(await client.send(), { same: accept({ name: 'x' }) });
    expect(json.result.isError).toBe(true);
    expect(errors.join()).toContain('Two questions of this call have the key "same"');
  });

  it('leave out a key that was chosen before', async () => {
    const client = ModernClient.tool(app, 'taken');
    const second = await client.answer(await client.send(), { elicitation_1: accept({ name: 'one' }) });
    expect(Object.keys(askedIn(second))).toEqual(['elicitation_2']);
    const last = await client.answer(second, { elicitation_2: accept({ name: 'two' }) });
    expect(textOf(last.json)).toBe('[{"name":"one"},{"name":"two"}]');
  });

  it.each<[string, object, object]>([
    ['undeclared', {}, { elicitation: {} }],
    ['undeclared', { elicitation: {} }, { sampling: {} }],
    ['undeclared', { elicitation: {}, sampling: {} }, { roots: {} }],
    ['undeclared', { elicitation: {}, sampling: {}, roots: {} }, { elicitation: { url: {} } }],
    ['undeclared', { ...ALL_CAPABILITIES, elicitation: { url: {} } }, { elicitation: {} }],
    ['tools_in_sampling', { sampling: {} }, { sampling: { tools: {} } }],
  ])(
    'are not sent when one is of a kind the client did not declare: %s, %j',
    async (tool, capabilities, required) => {
      const { status, json, messages } = await ModernClient.tool(app, tool, {}, { capabilities }).send();
      expect(status).toBe(400);
      expect(messages).toHaveLength(1);
      expect(json.error).toMatchObject({ code: -32021, data: { requiredCapabilities: required } });
    },
  );

  it('of a handler that manages without an answer go on', async () => {
    const client = ModernClient.tool(app, 'manages_without', {}, { capabilities: { elicitation: {} } });
    const asked = await client.send();
    expect(Object.keys(askedIn(asked))).toEqual(['elicitation_1']);
    const { json } = await client.answer(asked, { elicitation_1: { action: 'decline' } });
    expect(textOf(json)).toBe('undefined decline');
  });
});
