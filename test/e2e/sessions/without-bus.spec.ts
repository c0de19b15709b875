import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { McpRegistry, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf } from './fixture.js';
import { InMemoryPlainAdapter, InMemoryPlainRequests } from './plain-adapters.js';

const isResult = (message: any) => 'result' in message;
const isLog = (data: string) => (message: any) => message.params?.data === data;
const isChange = ({ method }: any) => method === 'notifications/tools/list_changed';

describe('seven and three methods on two instances without a bus', () => {
  let a: TestApp;
  let b: TestApp;
  let client: SessionClient;
  let gate: Gate;

  beforeEach(async () => {
    gate = new Gate();
    const adapters = {
      sessionAdapter: new InMemoryPlainAdapter(),
      clientRequestAdapter: new InMemoryPlainRequests(),
      requestStateSecret: 'x'.repeat(32),
    };
    const start = () =>
      startSessions({
        mcp: { ...adapters, capabilities: { tools: {} }, limits: { sessions: 2 } },
        tools: {
          slow: async (ctx) => {
            await ctx.progress(1);
            await gate.opened;
            await ctx.progress(2);
            return 'done';
          },
          busy: async (ctx) => {
            await gate.opened;
            return ctx.signal.aborted ? 'aborted' : 'done';
          },
        },
      });
    [a, b] = [await start(), await start()];
    client = await SessionClient.open(a);
  });
  afterEach(async () => {
    await a.close();
    await b.close();
  });

  const onB = () => client.with({ url: b.url });
  const say = (app: TestApp, data: string) =>
    app.app
      .get(StreamableHttpTransport)
      .session(client.id)
      .notify('notifications/message', { level: 'info', data });

  it.each(['opens it anew', 'resumes it'])(
    'write a message on one connection when the client %s',
    async (how) => {
      const first = client.listen();
      await first.until(() => first.events.length > 0);
      await say(a, 'before');
      await first.message(isLog('before'));
      const second = onB().listen(how === 'resumes it' ? first.lastEventId : undefined);
      await first.closed;
      await say(a, 'after');
      await second.message(isLog('after'));
      expect(first.messages.filter(isLog('after'))).toEqual([]);
      expect(second.messages).toHaveLength(1);
      second.cut();
    },
  );

  it('tell of a change that happens at both once', async () => {
    const first = client.listen();
    await first.until(() => first.events.length > 0);
    first.cut();
    const second = onB().listen();
    await second.until(() => second.events.length > 0);
    for (const app of [a, b]) await app.app.get(McpRegistry).addTool({ name: 'late' }, () => 'late');
    await say(a, 'last');
    await second.message(isLog('last'));
    expect(second.messages.filter(isChange)).toHaveLength(1);
    second.cut();
  });

  it('write the rest of a call on one connection', async () => {
    const call = client.begin('slow', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    const resumed = onB().listen(call.lastEventId);
    await call.closed;
    gate.open();
    expect(textOf(await resumed.message(isResult))).toBe('done');
    expect(resumed.messages).toHaveLength(2);
    expect(call.messages).toHaveLength(1);
  });

  it('end no session to make room that the other one is busy with', async () => {
    const answer = onB().call('busy');
    await onB().request('ping');
    for (let count = 0; count < 4; count++) expect((await initialize(a.url)).status).toBe(200);
    expect((await onB().request('ping')).status).toBe(200);
    gate.open();
    expect(textOf((await answer).json)).toBe('done');
    expect((await client.request('ping')).status).toBe(200);
  });
});
