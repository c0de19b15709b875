import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryClientRequestAdapter, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import type { HttpAnswer } from '../../support/http.js';
import { highLevel, lowLevel } from './conformance-handlers.js';
import { accept, formOf, sampled, startScripted, textOf, type Setup } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

const worlds: [string, Setup, () => McpModuleOptions][] = [
  [
    'await ctx.elicit(), parked',
    highLevel,
    () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() }),
  ],
  ['await ctx.elicit(), replayed', highLevel, () => ({})],
  ['inputRequired()', lowLevel, () => ({})],
  [
    'inputRequired(), beside an adapter',
    lowLevel,
    () => ({ clientRequestAdapter: new InMemoryClientRequestAdapter() }),
  ],
];

describe.each(worlds)('the scenarios of the conformance suite for %s', (_, setup, mcp) => {
  const alice = accept({ name: 'Alice' });
  const roots = { roots: [{ uri: 'file:///test/root', name: 'Test Root' }] };
  let app: TestApp;

  beforeAll(async () => {
    app = await startScripted({ ...setup, mcp: mcp() });
  });

  afterAll(() => app.close());

  const tool = (name: string) => ModernClient.tool(app, name);
  /** Answers as the suite does: with a state only if there was one. */
  const retry = (client: ModernClient, { json }: HttpAnswer, inputResponses: object) =>
    client.send({
      inputResponses,
      ...(json.result.requestState && { requestState: json.result.requestState }),
    });

  it('basic-elicitation and result-type', async () => {
    const asked = await tool('elicitation').send();
    expect(asked.json.result.resultType).toBe('input_required');
    const { user_name } = askedIn(asked);
    expect(user_name).toEqual({
      method: 'elicitation/create',
      params: { message: 'What is your name?', requestedSchema: formOf('name') },
    });
    const done = await retry(tool('elicitation'), asked, { user_name: alice });
    expect(done.json.result.resultType).toBe('complete');
    expect(textOf(done.json)).toBe('Hello, Alice!');
  });

  it.each([
    ['sampling', 'capital_question', 'sampling/createMessage', sampled('Paris'), 'test-model'],
    ['list_roots', 'client_roots', 'roots/list', roots, 'file:///test/root'],
  ])('basic-%s', async (name, key, method, answer, text) => {
    const asked = await tool(name).send();
    expect(askedIn(asked)[key].method).toBe(method);
    expect(textOf((await retry(tool(name), asked, { [key]: answer })).json)).toBe(text);
  });

  it('request-state', async () => {
    const asked = await tool('request_state').send();
    expect(stateOf(asked)).toMatch(/^[\w-]+$/);
    expect(textOf((await retry(tool('request_state'), asked, { confirm: accept({ ok: true }) })).json)).toBe(
      'state-ok',
    );
  });

  it('multiple-input-requests', async () => {
    const asked = await tool('multiple_inputs').send();
    expect(
      Object.values(askedIn(asked))
        .map(({ method }) => method)
        .toSorted(),
    ).toEqual(['elicitation/create', 'roots/list', 'sampling/createMessage']);
    expect(stateOf(asked)).not.toBe('');
    const answers = { name: alice, greeting: sampled('Hello there!'), roots };
    expect(textOf((await retry(tool('multiple_inputs'), asked, answers)).json)).toBe('accept test-model 1');
  });

  it('multi-round', async () => {
    const first = await tool('multi_round').send();
    const second = await retry(tool('multi_round'), first, { step1: alice });
    expect(Object.keys(askedIn(second))).toEqual(['step2']);
    expect(stateOf(second)).not.toBe(stateOf(first));
    const last = await retry(tool('multi_round'), second, { step2: accept({ color: 'blue' }) });
    expect(textOf(last.json)).toBe('Alice likes blue');
  });

  it('missing-input-response', async () => {
    const asked = await tool('elicitation').send({ inputResponses: { wrong_key: alice } });
    expect(askedIn(asked)).toHaveProperty('user_name');
  });

  it('non-tool-request', async () => {
    const prompt = new ModernClient(app.url, { method: 'prompts/get', params: { name: 'prompt' } });
    const asked = await prompt.send();
    expect(askedIn(asked)).toHaveProperty('user_context');
    const done = await retry(prompt, asked, { user_context: accept({ context: 'test context' }) });
    expect(done.json.result.messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'test context' } },
    ]);
  });

  it.each(['tools/list', 'prompts/list'])('unsupported-methods: %s', async (method) => {
    const { json } = await new ModernClient(app.url, { method, params: {} }).send({ inputResponses: {} });
    expect(json.result.resultType).toBe('complete');
  });

  it('tampered-state', async () => {
    const asked = await tool('request_state').send();
    const requestState = `${stateOf(asked)}-TAMPERED`;
    const { json } = await tool('request_state').send({
      requestState,
      inputResponses: { confirm: accept({ ok: true }) },
    });
    expect(json.error.code).toBe(-32602);
  });

  it('capability-check', async () => {
    const asked = await tool('capabilities')
      .with({ capabilities: { sampling: {} } })
      .send();
    expect(Object.values(askedIn(asked)).map(({ method }) => method)).toEqual(['sampling/createMessage']);
  });

  it('ignore-extra-params', async () => {
    const inputResponses = { user_name: alice, extra: accept({}), more: { anything: true } };
    expect(textOf((await tool('elicitation').send({ inputResponses })).json)).toBe('Hello, Alice!');
  });

  it.each([[{ user_name: 12345 }], [null]])('validate-input: %j', async (inputResponses) => {
    const { json } = await tool('elicitation').send({ inputResponses });
    expect(json.error?.code).toBe(-32602);
  });
});
