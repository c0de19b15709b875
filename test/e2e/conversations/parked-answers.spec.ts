import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientRequestTimeoutError, InMemoryClientRequestAdapter } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, sampled, startScripted, textOf, until } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

let app: TestApp;
let runs = 0;
let gate = new Gate();
let finished: string[] = [];

const ask = { message: 'Name?', schema: formOf('name') };

beforeAll(async () => {
  app = await startScripted({
    tools: {
      async three(ctx) {
        runs++;
        const [a, b, c] = await Promise.all([
          ctx.elicit({ ...ask, key: 'a' }),
          ctx.elicit({ ...ask, key: 'b' }),
          ctx.sample({ messages: [], maxTokens: 1, key: 'c' }),
        ]);
        return JSON.stringify([a.content, b.content, c.model]);
      },
      async impatient(ctx) {
        const late = await ctx.elicit({ ...ask, timeoutMs: 300 }).catch((error: unknown) => error);
        finished.push('impatient');
        return late instanceof ClientRequestTimeoutError ? `${late.code}: ${late.message}` : 'in time';
      },
      async falls_back(ctx) {
        await ctx.elicit({ ...ask, timeoutMs: 300 }).catch(() => finished.push('falls_back'));
        const { content } = await ctx.elicit({ message: 'Still there?', schema: formOf('name') });
        return JSON.stringify(content);
      },
      async races(ctx) {
        const winner = await Promise.race([
          ctx.elicit({ ...ask, key: 'name' }).then(() => 'user'),
          gate.opened.then(() => 'gate'),
        ]);
        finished.push('races');
        return winner;
      },
      async races_and_fails(ctx) {
        await Promise.race([ctx.elicit(ask), gate.opened]);
        finished.push('races_and_fails');
        throw new Error('late');
      },
    },
    mcp: {
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
      logger: { log() {}, warn() {}, error() {} },
    },
  });
});

afterAll(() => app.close());

describe('the answers of a retry', () => {
  it('may be some of those asked for: the others are asked for again', async () => {
    runs = 0;
    const client = ModernClient.tool(app, 'three');
    const first = await client.send();
    expect(Object.keys(askedIn(first)).toSorted()).toEqual(['a', 'b', 'c']);
    const second = await client.answer(first, { b: accept({ name: 'B' }) });
    expect(askedIn(second)).toEqual({ a: askedIn(first)['a'], c: askedIn(first)['c'] });
    const third = await client.answer(second, {});
    expect(askedIn(third)).toEqual(askedIn(second));
    const fourth = await client.answer(third, { c: sampled('x'), b: accept({ name: 'too late' }) });
    expect(Object.keys(askedIn(fourth))).toEqual(['a']);
    const last = await client.answer(fourth, { a: accept({ name: 'A' }) });
    expect(textOf(last.json)).toBe('[{"name":"A"},{"name":"B"},"test-model"]');
    expect(runs).toBe(1);
    expect(new Set([first, second, third, fourth].map(stateOf)).size).toBe(4);
  });

  it('may be left out altogether', async () => {
    const client = ModernClient.tool(app, 'three');
    const first = await client.send();
    const second = await client.send({ requestState: stateOf(first) });
    expect(askedIn(second)).toEqual(askedIn(first));
  });

  it('are ignored under keys nobody asked for', async () => {
    const client = ModernClient.tool(app, 'three');
    const given = { x: accept({}), __proto__x: accept({}), toString: accept({}), elicitation_1: accept({}) };
    const second = await client.answer(await client.send(), { ...given, a: accept({ name: 'A' }) });
    expect(Object.keys(askedIn(second)).toSorted()).toEqual(['b', 'c']);
  });

  it.each<[string, unknown]>([
    ['no object', 'text'],
    ['a list', []],
    ['null', null],
    ['a number for an answer', { a: 12345 }],
    ['null for an answer', { a: null }],
    ['a list for an answer', { a: [] }],
    ['no action', { a: { content: { name: 'A' } } }],
    ['an unknown action', { a: { action: 'maybe' } }],
    ['a message without its model', { c: { role: 'assistant', content: { type: 'text', text: 'x' } } }],
    ['roots for a message', { c: { roots: [] } }],
  ])('are refused for %s, and the call waits on', async (_case, inputResponses) => {
    runs = 0;
    const client = ModernClient.tool(app, 'three');
    const first = await client.send();
    const refused = await client.answer(first, inputResponses);
    expect(refused.json.error.code).toBe(-32602);
    const all = { a: accept({ name: 'A' }), b: accept({ name: 'B' }), c: sampled('x') };
    expect(textOf((await client.answer(first, all)).json)).toContain('"A"');
    expect(runs).toBe(1);
  });
});

describe('a handler that goes on while no request is there', () => {
  it('is told when the time of a question is over, and answers the next request', async () => {
    finished = [];
    const client = ModernClient.tool(app, 'impatient');
    const first = await client.send();
    await until(() => finished.length > 0);
    const { json } = await client.answer(first, { elicitation_1: accept({ name: 'late' }) });
    expect(textOf(json)).toMatch(/^MCP_CLIENT_REQUEST_TIMEOUT: /);
  });

  it('asks the next request what it wants to know by then', async () => {
    finished = [];
    const client = ModernClient.tool(app, 'falls_back');
    const first = await client.send();
    await until(() => finished.length > 0);
    const second = await client.answer(first, { elicitation_1: accept({ name: 'late' }) });
    expect(Object.keys(askedIn(second))).toEqual(['elicitation_2']);
    const last = await client.answer(second, { elicitation_2: accept({ name: 'here' }) });
    expect(textOf(last.json)).toBe('{"name":"here"}');
  });

  it.each([
    ['races', { result: expect.objectContaining({ content: [{ type: 'text', text: 'gate' }] }) }],
    ['races_and_fails', { result: expect.objectContaining({ isError: true }) }],
  ])('delivers its end to the next request: %s', async (name, expected) => {
    gate = new Gate();
    finished = [];
    const client = ModernClient.tool(app, name);
    const first = await client.send();
    gate.open();
    await until(() => finished.length > 0);
    const last = await client.answer(first, { name: accept({ name: 'late' }) });
    expect(last.json).toMatchObject(expected);
    expect((await client.answer(first, {})).json.error.code).toBe(-32602);
  });
});
