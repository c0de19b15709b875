import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  MemoryStore,
  MemoryStoreData,
  StreamableHttpTransport,
} from 'nestjs-mcp-adapters';
import { StoreClientRequestAdapter } from 'nestjs-mcp-adapters/adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf, until, type Scripts } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';
import { DistantAdapter, startTwo } from './two-instances.js';

const name = accept({ name: 'Ada' });
function atHand() {
  const store = new InMemoryClientRequestAdapter();
  return () => store;
}

function farAway() {
  const store = new InMemoryClientRequestAdapter();
  return () => new DistantAdapter(store);
}

function inboxes() {
  const data = new MemoryStoreData();
  return () => new StoreClientRequestAdapter(new MemoryStore(data));
}

let seen: string[];
let gate: Gate;

const tools: Scripts = {
  async talk(ctx) {
    seen.push('run');
    ctx.signal.addEventListener('abort', () => seen.push('aborted'));
    await ctx.progress(1);
    const [a, b] = await Promise.all([
      ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' }),
      ctx.elicit({ message: 'B?', schema: formOf('name'), key: 'b' }),
    ]);
    seen.push('answered');
    for (let i = 2; i <= 20; i++) await ctx.progress(i);
    await ctx.log.info('told');
    await gate.opened;
    const c = await ctx.elicit({ message: 'C?', schema: formOf('name'), key: 'c' });
    await Promise.all([ctx.progress(21), ctx.progress(22), ctx.log.info('last')]);
    return JSON.stringify([a.content, b.content, c.content]);
  },
  async fail(ctx) {
    await ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' });
    throw new Error('secret');
  },
  async needs_sampling(ctx) {
    await ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' });
    await ctx.sample({ messages: [], maxTokens: 1 });
  },
};

const IN_TURN = [-32602, -32602, -32602, 'input_required'];
/** The same state once more is not refused where the call is found by its inbox: all hear the same. */
const TOGETHER = ['input_required', 'input_required', 'input_required', 'input_required'];

describe.each([
  ['at hand', () => atHand(), IN_TURN],
  ['far away', () => farAway(), IN_TURN],
  ['an inbox of each', () => inboxes(), TOGETHER],
])('two instances whose adapter is %s', (_, adapters, several) => {
  let here: TestApp;
  let there: TestApp;
  let client: ModernClient;

  beforeEach(async () => {
    seen = [];
    gate = new Gate();
    const logger = { log() {}, warn() {}, error() {} };
    [here, there] = await startTwo(adapters(), { tools, mcp: { logger } });
    client = ModernClient.tool(here, 'talk', {}, { progressToken: 'here' });
  });

  afterEach(() => Promise.all([here.close(), there.close()]));

  it('hold one conversation, whichever gets a request', async () => {
    gate.open();
    const first = await client.send();
    const elsewhere = client.with({ url: there.url, progressToken: 'there', logLevel: 'info' });
    const second = await elsewhere.answer(first, { b: name });
    expect(Object.keys(askedIn(second))).toEqual(['a']);
    const third = await elsewhere.answer(second, { a: name });
    const told = third.messages.slice(0, -1).map(({ params }) => params.progress ?? params.data);
    expect(told).toEqual([...Array.from({ length: 19 }, (_item, i) => i + 2), 'told']);
    expect(third.messages[0].params.progressToken).toBe('there');
    const last = await client.answer(third, { c: name });
    expect(last.messages.slice(0, -1).map(({ params }) => params.progress)).toEqual([21, 22]);
    expect(textOf(last.json)).toBe('[{"name":"Ada"},{"name":"Ada"},{"name":"Ada"}]');
    expect(seen).toEqual(['run', 'answered']);
  });

  it('stream what the handler tells while it runs at the other', async () => {
    const requestState = stateOf(await client.send());
    const retry = client
      .with({ url: there.url })
      .begin({ requestState, inputResponses: { a: name, b: name } });
    await retry.message(({ params }) => params?.progress === 20);
    expect(retry.isComplete).toBe(false);
    gate.open();
    await retry.until(() => retry.isComplete);
    expect(retry.messages.at(-1).result.inputRequests).toHaveProperty('c');
  });

  it('cancel the handler when the connection at the other closes', async () => {
    const first = await client.send();
    const inputResponses = { a: name, b: name };
    const requestState = stateOf(first);
    const retry = client.with({ url: there.url }).begin({ requestState, inputResponses });
    await retry.message(({ params }) => params?.progress === 20);
    retry.cut();
    await until(() => seen.includes('aborted'));
    gate.open();
    expect((await client.answer(first, inputResponses)).json.error.code).toBe(-32602);
    const stats = there.app.get(StreamableHttpTransport, { strict: false });
    await until(() => stats.stats().requests === 0);
  });

  it('deliver errors', async () => {
    const failing = ModernClient.tool(here, 'fail');
    const failed = await failing.with({ url: there.url }).answer(await failing.send(), { a: name });
    expect(failed.json.result).toMatchObject({ isError: true });
    expect(failed.text).not.toContain('secret');
    const capabilities = { elicitation: {} };
    const lacking = ModernClient.tool(here, 'needs_sampling', {}, { capabilities });
    const refused = await lacking.with({ url: there.url }).answer(await lacking.send(), { a: name });
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { sampling: {} } },
    });
  });

  it('let the call go on once, whatever number of retries come', async () => {
    gate.open();
    const requestState = stateOf(await client.send());
    const continuation = { requestState, inputResponses: { a: name, b: name } };
    const all = await Promise.all(
      [here, there, here, there].map(({ url }) => client.with({ url }).send(continuation)),
    );
    const codes = all.map(({ json }) => json.error?.code ?? json.result.resultType).toSorted();
    expect(codes).toEqual(several);
    expect(seen).toEqual(['run', 'answered']);
  });

  it('finish what runs for the other before they close', async () => {
    const requestState = stateOf(await client.send());
    const retry = client
      .with({ url: there.url })
      .begin({ requestState, inputResponses: { a: name, b: name } });
    await retry.message(({ params }) => params?.progress === 20);
    const closing = here.close();
    gate.open();
    await retry.until(() => retry.isComplete);
    expect(retry.messages.at(-1).result.inputRequests).toHaveProperty('c');
    await closing;
  });
});

it('an instance that closes gives up what it runs for another, after the grace period', async () => {
  seen = [];
  gate = new Gate();
  const store = new InMemoryClientRequestAdapter();
  const mcp = { shutdownGraceMs: 20 };
  const [here, there] = await startTwo(() => new DistantAdapter(store), { tools, mcp });
  const client = ModernClient.tool(here, 'talk', {}, { progressToken: 1 });
  const requestState = stateOf(await client.send());
  const retry = client.with({ url: there.url }).begin({ requestState, inputResponses: { a: name, b: name } });
  await retry.message(({ params }) => params?.progress === 20);
  await here.close();
  await retry.until(() => retry.isComplete);
  expect(retry.messages.at(-1).error).toMatchObject({ code: -32603, message: 'The server is shutting down' });
  expect(seen).toContain('aborted');
  await there.close();
});

it('an adapter that fails harms one call and no more', async () => {
  class Failing extends InMemoryClientRequestAdapter {
    isDown = false;

    override async resolvePending(...args: Parameters<InMemoryClientRequestAdapter['resolvePending']>) {
      if (this.isDown) throw new Error('no connection');
      return super.resolvePending(...args);
    }

    override async rejectPending(...args: Parameters<InMemoryClientRequestAdapter['rejectPending']>) {
      if (this.isDown) throw new Error('no connection');
      return super.rejectPending(...args);
    }

    override createPending(...args: Parameters<InMemoryClientRequestAdapter['createPending']>) {
      const pending = super.createPending(...args);
      return this.isDown ? { ...pending, ready: Promise.reject(new Error('no connection')) } : pending;
    }
  }
  seen = [];
  gate = new Gate();
  gate.open();
  const adapter = new Failing();
  const errors: string[] = [];
  const logger = { log() {}, warn() {}, error: (message: string) => void errors.push(message) };
  const app = await startScripted({ tools, mcp: { clientRequestAdapter: adapter, logger } });
  const client = ModernClient.tool(app, 'talk');
  const asked = await client.send();
  adapter.isDown = true;
  expect((await client.send()).json.result).toMatchObject({ isError: true });
  expect((await client.answer(asked, { a: name, b: name })).json.error.code).toBe(-32603);
  expect(errors.join()).toContain('no connection');
  adapter.isDown = false;
  expect(askedIn(await client.answer(asked, { a: name, b: name }))).toHaveProperty('c');
  await app.close();
});
