import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ClientRequestAdapter,
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf, until } from './fixture.js';

/** Shows how many questions wait. */
class CountedRequests extends InMemoryClientRequestAdapter {
  waiting = 0;

  override createPending(...request: Parameters<InMemoryClientRequestAdapter['createPending']>) {
    const pending = super.createPending(...request);
    this.waiting++;
    const done = () => void this.waiting--;
    pending.promise.then(done, done);
    return pending;
  }
}

const form = { type: 'object', properties: { name: { type: 'string' } } };
const accept = (name: string) => ({ action: 'accept', content: { name } });
const isQuestion = (message: any) => message.method === 'elicitation/create';
const isResult = (message: any) => 'result' in message;
const isWithdrawal = (message: any) => message.method === 'notifications/cancelled';

describe.each(PLATFORMS)('a question to the client on %s', (platform) => {
  let app: TestApp;
  let client: SessionClient;
  let requests: CountedRequests;

  beforeEach(async () => {
    requests = new CountedRequests();
    app = await startSessions({
      platform,
      mcp: {
        sessionAdapter: new InMemorySessionAdapter(),
        clientRequestAdapter: requests,
        shutdownGraceMs: 0,
      },
      tools: {
        ask: async (ctx, { timeoutMs, message = 'Who?' }) => {
          const options = { message, schema: form, ...(timeoutMs !== undefined && { timeoutMs }) };
          const answer = await ctx.elicit(options);
          await ctx.progress(1);
          return `${answer.action} ${String(answer.content?.['name'])}`;
        },
        both: async (ctx) => {
          const ask = async (message: string) =>
            (await ctx.elicit({ message, schema: form })).content?.['name'];
          return (await Promise.all([ask('one'), ask('two')])).join(' and ');
        },
        catching: async (ctx) => {
          const error: any = await ctx
            .elicit({ message: '?', schema: form })
            .catch((thrown: unknown) => thrown);
          return JSON.stringify([error.name, error.code, error.clientCode, error.message, error.data]);
        },
      },
    });
    client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
  });
  afterEach(() => app.close());

  async function questionOn(stream: RawExchange) {
    return stream.message(isQuestion);
  }

  it('goes out on the stream of the call, and is answered by a POST', async () => {
    const listening = client.listen();
    const call = client.begin('ask', {}, { id: 'call', progressToken: 1 });
    const question = await questionOn(call);
    expect(question).toEqual({
      jsonrpc: '2.0',
      id: expect.any(String),
      method: 'elicitation/create',
      params: { message: 'Who?', requestedSchema: form },
    });
    const answered = await client.answer(question, accept('Ada'));
    expect([answered.status, answered.text]).toEqual([202, '']);
    await call.closed;
    expect(call.messages.map(({ id, method }) => id ?? method)).toEqual([
      question.id,
      'notifications/progress',
      'call',
    ]);
    expect(textOf(call.messages.at(-1))).toBe('accept Ada');
    expect(listening.messages).toEqual([]);
    listening.cut();
  });

  it('is settled by the first answer: what comes after changes nothing', async () => {
    const call = client.begin('ask');
    const question = await questionOn(call);
    const answers = await Promise.all(
      ['Ada', 'Bob', 'Eve'].map((name) => client.answer(question, accept(name))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 400, 400]);
    await call.message(isResult);
    expect((await client.answer(question, accept('Late'))).status).toBe(400);
  });

  it('takes no answer from another session, nor to a question nobody asked', async () => {
    const other = await SessionClient.open(app, { capabilities: { elicitation: {} } });
    const call = client.begin('ask');
    const question = await questionOn(call);
    for (const answer of [
      await other.answer(question, accept('Mallory')),
      await client.answer({ id: 'made up' }, accept('x')),
      await client.answer({ id: 0 }, accept('x')),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.json.error.message).toBe('Nobody waits for this response');
    }
    await client.answer(question, accept('Ada'));
    expect(textOf(await call.message(isResult))).toBe('accept Ada');
  });

  it('can be answered while the call is away, and after it has come back', async () => {
    const call = client.begin('ask', {}, { progressToken: 1 });
    const question = await questionOn(call);
    call.cut();
    expect((await client.answer(question, accept('Ada'))).status).toBe(202);
    const resumed = client.listen(call.lastEventId);
    expect(textOf(await resumed.message(isResult))).toBe('accept Ada');

    const second = client.begin('ask');
    const asked = await questionOn(second);
    second.cut();
    const again = client.listen(second.events[0]?.id);
    expect(await questionOn(again)).toEqual(asked);
    await client.answer(asked, accept('Bob'));
    expect(textOf(await again.message(isResult))).toBe('accept Bob');
  });

  it('may be one of several at a time, answered in any order', async () => {
    const call = client.begin('both');
    await call.until(() => call.messages.filter(isQuestion).length === 2);
    const [one, two] = call.messages;
    await client.answer(two, accept('2'));
    await client.answer(one, accept('1'));
    expect(textOf(await call.message(isResult))).toBe('1 and 2');
  });

  it('may be answered in a batch with other answers', async () => {
    const old = await SessionClient.open(app, { version: '2025-03-26', capabilities: { elicitation: {} } });
    const call = old.begin('both');
    await call.until(() => call.messages.filter(isQuestion).length === 2);
    const responses = call.messages.map(({ id, params }) => ({
      jsonrpc: '2.0',
      id,
      result: accept(params.message),
    }));
    expect((await old.post([...responses, { ...responses[0], id: 'nobody' }])).status).toBe(202);
    expect(textOf(await call.message(isResult))).toBe('one and two');
    expect((await old.post(responses)).status).toBe(400);
  });

  it('of each call of a batch goes out on the stream of the batch', async () => {
    const old = await SessionClient.open(app, { version: '2025-03-26', capabilities: { elicitation: {} } });
    const body = ['a', 'b'].map((id) =>
      legacy('tools/call', { name: 'ask', arguments: { message: id } }, id),
    );
    const call = old.raw({ method: 'POST', body });
    await call.until(() => call.messages.filter(isQuestion).length === 2);
    for (const question of call.messages)
      await old.answer(question, accept(`for ${question.params.message}`));
    await call.closed;
    const results = call.messages.filter(isResult).map((message) => [message.id, textOf(message)]);
    expect(results.sort()).toEqual([
      ['a', 'accept for a'],
      ['b', 'accept for b'],
    ]);
  });

  it('fails with the error the client answers', async () => {
    const call = client.begin('catching');
    const question = await questionOn(call);
    const error = { code: -1, message: 'User is asleep', data: { until: 'noon' } };
    expect((await client.post({ jsonrpc: '2.0', id: question.id, error })).status).toBe(202);
    expect(JSON.parse(textOf(await call.message(isResult)))).toEqual([
      ...['McpClientAnswerError', 'MCP_CLIENT_ANSWER', -1, 'User is asleep', { until: 'noon' }],
    ]);
  });

  it('ends when its time is over, and the client is told', async () => {
    const call = client.begin('ask', { timeoutMs: 30 });
    const question = await questionOn(call);
    const withdrawal = await call.message(isWithdrawal);
    expect(withdrawal.params.requestId).toBe(question.id);
    expect((await call.message(isResult)).result.isError).toBe(true);
    expect((await client.answer(question, accept('Late'))).status).toBe(400);
    expect(requests.waiting).toBe(0);
  });

  it('may wait longer than a timer can', async () => {
    const call = client.begin('ask', { timeoutMs: 2 ** 40 });
    const question = await questionOn(call);
    await client.request('ping');
    expect((await client.answer(question, accept('Ada'))).status).toBe(202);
    expect(textOf(await call.message(isResult))).toBe('accept Ada');
  });

  it('ends when its call is cancelled, and the client is told', async () => {
    const call = client.begin('ask', {}, { id: 'call' });
    const question = await questionOn(call);
    await client.notify('notifications/cancelled', { requestId: 'call' });
    await call.closed;
    expect(call.messages.slice(1)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: question.id } },
    ]);
    expect((await client.answer(question, accept('Late'))).status).toBe(400);
    expect(requests.waiting).toBe(0);
  });

  it('ends with its session', async () => {
    const call = client.begin('ask');
    await questionOn(call);
    await client.delete();
    await until(() => requests.waiting === 0);
    await call.closed;
  });

  it('ends when the server does', async () => {
    const call = client.begin('ask');
    await questionOn(call);
    await app.close();
    expect(requests.waiting).toBe(0);
    await call.closed;
    expect(call.messages.at(-1).error.code).toBe(-32603);
  });

  it('cannot reach a client that accepts JSON only', async () => {
    const { json } = await client.call('ask', {}, { headers: { accept: 'application/json' } });
    expect(json.result.isError).toBe(true);
    expect(textOf(json)).toContain('accepts no stream');
    expect(app.app.get(ClientRequestAdapter)).toBe(requests);
    expect(requests.waiting).toBe(0);
  });
});
