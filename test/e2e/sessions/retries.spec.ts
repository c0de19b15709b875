import { afterEach, describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport, type McpContext } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';
import { InMemoryPlainRequests } from './plain-adapters.js';

const schema = { type: 'object', properties: {} } as const;
const capabilities = { elicitation: {}, sampling: {}, roots: {} };
const isResult = (message: any) => 'result' in message;
const isQuestion = ({ method, id }: any) => id !== undefined && method !== undefined;
const isWithdrawal = ({ method }: any) => method === 'notifications/cancelled';

type Asker = Pick<McpContext, 'elicit' | 'sample' | 'listRoots'>;
type Options = { timeoutMs?: number; retries?: number };

const KINDS: Readonly<Record<string, (asker: Asker, options: Options) => Promise<unknown>>> = {
  elicit: (asker, options) => asker.elicit({ message: '?', schema, ...options }),
  sample: (asker, options) => asker.sample({ messages: [], maxTokens: 1, ...options }),
  listRoots: (asker, options) => asker.listRoots(options),
};
const ANSWERS: Readonly<Record<string, object>> = {
  elicit: { action: 'decline' },
  sample: { role: 'assistant', model: 'm', content: { type: 'text', text: 'Yes' } },
  listRoots: { roots: [] },
};

let app: TestApp;
afterEach(() => app.close());

const start = (mcp = {}) =>
  startSessions({
    mcp: { logger: { log() {}, warn() {}, error() {} }, ...mcp },
    tools: {
      ask: async (ctx, { kind, ...options }) =>
        JSON.stringify(await (KINDS[kind] as (typeof KINDS)[string])(ctx, options)),
    },
  });

/** Answers the newest question until one is taken: on a slow machine it may be withdrawn meanwhile. */
async function answerNewest(client: SessionClient, stream: RawExchange, result: object): Promise<void> {
  for (let count = 2; ; count++) {
    await stream.until(() => stream.messages.filter(isQuestion).length >= count);
    const newest = stream.messages.filter(isQuestion).at(-1);
    if ((await client.answer(newest, result)).status === 202) return;
  }
}

describe.each(Object.keys(KINDS))('retries of ctx.%s()', (kind) => {
  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
    'ask anew as often as they say, for %s',
    async (version) => {
      app = await start();
      const client = await SessionClient.open(app, { version, capabilities });
      const call = client.begin('ask', { kind, timeoutMs: 20, retries: 2 });
      expect((await call.message(isResult)).result.isError).toBe(true);
      const asked = call.messages.filter(isQuestion);
      expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
      expect(call.messages.filter(isWithdrawal).map(({ params }) => params.requestId)).toEqual(
        asked.map(({ id }) => id),
      );
      expect(asked.map(({ method, params }) => [method, params])).toEqual(
        Array(3).fill([asked[0].method, asked[0].params]),
      );
    },
  );

  it('take the answer to the newest question, and none to those before', async () => {
    app = await start();
    const client = await SessionClient.open(app, { capabilities });
    const call = client.begin('ask', { kind, timeoutMs: 200, retries: 1_000 });
    const first = await call.message(isQuestion);
    await call.message(isWithdrawal);
    expect((await client.answer(first, ANSWERS[kind] as object)).status).toBe(400);
    await answerNewest(client, call, ANSWERS[kind] as object);
    expect(JSON.parse(textOf(await call.message(isResult)))).toMatchObject(
      kind === 'listRoots' ? [] : (ANSWERS[kind] as object),
    );
  });

  it('are none where nothing is said', async () => {
    app = await start();
    const client = await SessionClient.open(app, { capabilities });
    const call = client.begin('ask', { kind, timeoutMs: 20 });
    await call.message(isResult);
    expect(call.messages.filter(isQuestion)).toHaveLength(1);
  });

  it.each([-1, 0.5, '2'])('that are %j are a mistake of the handler', async (retries) => {
    app = await start();
    const client = await SessionClient.open(app, { capabilities });
    expect((await client.call('ask', { kind, retries })).json.result.isError).toBe(true);
  });

  it('go out on the stream of the session where the question belongs to no request', async () => {
    app = await start();
    const client = await SessionClient.open(app, { capabilities });
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    const session = app.app.get(StreamableHttpTransport).session(client.id);
    const asking = (KINDS[kind] as (typeof KINDS)[string])(session, { timeoutMs: 20, retries: 1 });
    await expect(asking).rejects.toMatchObject({ code: 'MCP_CLIENT_REQUEST_TIMEOUT' });
    await stream.until(() => stream.messages.filter(isWithdrawal).length === 2);
    expect(stream.messages.filter(isQuestion)).toHaveLength(2);
    stream.cut();
  });
});

/** Watches the time itself, and has its own words for it. */
class Punctual extends InMemoryPlainRequests {
  override createPending(session: string | undefined, id: string | number, options?: { timeoutMs: number }) {
    const pending = super.createPending(session, id);
    setTimeout(() => this.rejectPending(session, id, new Error('too late')), options?.timeoutMs).unref();
    return pending;
  }
}

describe('retries where the adapter watches the time itself', () => {
  it('ask anew, too', async () => {
    app = await start({ clientRequestAdapter: new Punctual(), requestStateSecret: 'x'.repeat(32) });
    const client = await SessionClient.open(app, { capabilities });
    const call = client.begin('ask', { kind: 'elicit', timeoutMs: 20, retries: 2 });
    await call.message(isResult);
    expect(call.messages.filter(isQuestion)).toHaveLength(3);
  });
});
