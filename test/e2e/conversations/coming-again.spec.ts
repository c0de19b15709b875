import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AdapterUnavailableError,
  MemoryStore,
  MemoryStoreData,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { StoreClientRequestAdapter } from 'nestjs-mcp-adapters/adapters';
import type { TestApp } from '../../support/app.js';
import { accept, formOf, Gate, startScripted, textOf, until } from './fixture.js';
import { askedIn, ModernClient, stateOf } from '../../support/modern-client.js';

/** Does what it is asked, but loses its reply when told to. */
class LossyStore extends MemoryStore {
  isLossy = false;

  override async append(...given: Parameters<MemoryStore['append']>) {
    const appended = await super.append(...given);
    if (this.isLossy) throw new AdapterUnavailableError('the reply was lost');
    return appended;
  }
}

const NAME = accept({ name: 'Ada' });
const TOOLS = ['plain', 'idempotent'];

let did: string[];
let gate: Gate;
let running: TestApp;
let serving: TestApp;
let store: LossyStore;

const ask = async (ctx: McpContext) => {
  did.push('run');
  ctx.signal.addEventListener('abort', () => did.push('aborted'));
  const a = await ctx.elicit({ message: 'A?', schema: formOf('name'), key: 'a' });
  await ctx.progress(1);
  did.push('answered');
  await gate.opened;
  await ctx.progress(2);
  const b = await ctx.elicit({ message: 'B?', schema: formOf('name'), key: 'b' });
  did.push('ended');
  return JSON.stringify([a.content, b.content]);
};

beforeEach(async () => {
  did = [];
  gate = new Gate();
  const data = new MemoryStoreData();
  store = new LossyStore(data);
  [running, serving] = await Promise.all([start(new MemoryStore(data)), start(store)]);
});
afterEach(() => Promise.all([running, serving].map((app) => app.close())));

function start(on: MemoryStore): Promise<TestApp> {
  return startScripted({
    tools: { plain: ask, idempotent: ask },
    options: { idempotent: { annotations: { idempotentHint: true } } },
    mcp: {
      clientRequestAdapter: new StoreClientRequestAdapter(on),
      requestStateSecret: 'shared by all instances, and long enough',
      shutdownGraceMs: 20,
      logger: { log() {}, warn() {}, error() {} },
    },
  });
}

const stats = (app: TestApp) => app.app.get(StreamableHttpTransport, { strict: false }).stats();

/** Asked by the one instance, answered at the other. */
async function asked(tool: string) {
  const client = ModernClient.tool(running, tool, {}, { progressToken: 'p' });
  const retry = { requestState: stateOf(await client.send()), inputResponses: { a: NAME } };
  return { client, retry, elsewhere: client.with({ url: serving.url }) };
}

/** The rest of the call, which nothing is left of then. */
async function finish(client: ModernClient, requestState: string) {
  const last = await client.send({ requestState, inputResponses: { b: NAME } });
  expect(textOf(last.json)).toBe('[{"name":"Ada"},{"name":"Ada"}]');
  expect(did).toEqual(['run', 'answered', 'ended']);
  expect([stats(running).parkedCalls, stats(serving).parkedCalls]).toEqual([0, 0]);
}

describe.each(TOOLS)('a client that comes again with the same state: %s', (tool) => {
  it('after a 503 finds the call that the first retry has reached', async () => {
    const { client, retry, elsewhere } = await asked(tool);
    store.isLossy = true;
    expect((await elsewhere.send(retry)).status).toBe(503);
    store.isLossy = false;
    await until(() => did.includes('answered'));
    const again = elsewhere.send(retry);
    await until(() => stats(serving).requests === 1);
    gate.open();
    const asks = await again;
    expect(Object.keys(askedIn(asks))).toEqual(['b']);
    await finish(client, stateOf(asks));
  });

  it('after a 503 finds what the handler has asked meanwhile', async () => {
    const { client, retry, elsewhere } = await asked(tool);
    gate.open();
    store.isLossy = true;
    expect((await elsewhere.send(retry)).status).toBe(503);
    store.isLossy = false;
    await until(() => stats(running).parkedCalls === 1);
    for (const each of [elsewhere, client]) {
      expect(Object.keys(askedIn(await each.send(retry)))).toEqual(['b']);
    }
    await finish(client, stateOf(await client.send(retry)));
  });

  it('after a 503 finds the outcome of a handler that has ended meanwhile', async () => {
    const { client, retry, elsewhere } = await asked(tool);
    gate.open();
    const second = stateOf(await elsewhere.send(retry));
    const last = { requestState: second, inputResponses: { b: NAME } };
    store.isLossy = true;
    expect((await elsewhere.send(last)).status).toBe(503);
    store.isLossy = false;
    await until(() => did.includes('ended'));
    // The call waits for its client, as soon as the other instance has said that it could not answer it.
    await until(() => stats(running).parkedCalls === 1);
    await finish(client, second);
  });

  it('finds it after the instance that served it has shut down', async () => {
    const { client, retry, elsewhere } = await asked(tool);
    const first = elsewhere.begin(retry);
    await first.message(({ params }) => params?.progress === 1);
    await serving.close();
    await first.until(() => first.isComplete);
    expect(first.messages.at(-1).error.message).toBe('The server is shutting down');
    await until(() => stats(running).parkedCalls === 1);
    gate.open();
    const asks = await client.send(retry);
    expect(did).toEqual(['run', 'answered']);
    await finish(client, stateOf(asks));
  });

  it('hears the same with both, and leaves with the last', async () => {
    const { client, retry, elsewhere } = await asked(tool);
    const first = elsewhere.begin(retry);
    await first.message(({ params }) => params?.progress === 1);
    const second = client.begin(retry);
    await until(() => stats(running).requests === 2);
    first.cut();
    await until(() => stats(serving).requests === 0 && stats(running).requests === 1);
    gate.open();
    await second.until(() => second.isComplete);
    await finish(client, second.messages.at(-1).result.requestState);
  });
});
