import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until } from './fixture.js';

describe.each(PLATFORMS)('a call of a session on %s', (platform) => {
  let app: TestApp;
  let client: SessionClient;
  let running: Gate<McpContext>;

  beforeEach(async () => {
    running = new Gate();
    app = await startSessions({
      platform,
      mcp: { shutdownGraceMs: 0 },
      tools: {
        hold: async (ctx, { streams = false }) => {
          if (streams) await ctx.progress(1);
          running.open(ctx);
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
          await ctx.progress(2);
          return 'aborted';
        },
      },
    });
    client = await SessionClient.open(app);
  });
  afterEach(() => app.close());

  const cancel = (requestId: unknown) =>
    client.notify('notifications/cancelled', { requestId, reason: 'enough' });

  it('is aborted when its client cancels it, and gets no answer: before anything was sent', async () => {
    const answering = client.call('hold', {}, { id: 7 });
    const ctx = await running.opened;
    expect((await cancel('7')).status).toBe(202);
    expect(ctx.signal.aborted).toBe(false);
    expect((await cancel(7)).status).toBe(202);
    expect(ctx.signal.reason).toMatchObject({ name: 'AbortError', message: 'enough' });
    const answer = await answering;
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('is aborted when its client cancels it, and gets no answer: on a stream', async () => {
    const stream = client.begin('hold', { streams: true }, { id: 'x', progressToken: 1 });
    const ctx = await running.opened;
    await cancel('x');
    await stream.closed;
    expect(ctx.signal.aborted).toBe(true);
    expect(stream.isComplete).toBe(true);
    expect(stream.messages.map(({ params }) => params.progress)).toEqual([1]);
  });

  it('is cancelled alone of a batch', async () => {
    client = await SessionClient.open(app, { version: '2025-03-26' });
    const answering = client.post([
      legacy('tools/call', { name: 'hold', arguments: {} }, 'held'),
      legacy('ping', {}, 'ping'),
    ]);
    await running.opened;
    await cancel('held');
    const { json } = await answering;
    expect(json).toEqual([{ jsonrpc: '2.0', id: 'ping', result: {} }]);
  });

  it('is not cancelled by the cancellation of something else', async () => {
    const stream = client.begin('hold', { streams: true }, { id: 'x', progressToken: 1 });
    const ctx = await running.opened;
    for (const id of ['y', null, undefined, {}, 1.5]) expect((await cancel(id)).status).toBe(202);
    const other = await SessionClient.open(app);
    await other.notify('notifications/cancelled', { requestId: 'x' });
    expect(ctx.signal.aborted).toBe(false);
    stream.cut();
  });

  it('is aborted when its client leaves before there is anything to come back to', async () => {
    const stream = client.begin('hold', {}, { id: 'x' });
    const ctx = await running.opened;
    stream.cut();
    await until(() => ctx.signal.aborted);
    await until(() => app.app.get(StreamableHttpTransport).stats().requests === 0);
  });

  it('goes on when its client leaves a stream', async () => {
    const stream = client.begin('hold', { streams: true }, { id: 'x', progressToken: 1 });
    const ctx = await running.opened;
    await stream.until(() => stream.messages.length === 1);
    stream.cut();
    await until(() => app.app.get(StreamableHttpTransport).stats().streams === 0);
    expect(ctx.signal.aborted).toBe(false);
  });

  it.each([false, true])('is aborted when the session is deleted (on a stream: %s)', async (streams) => {
    const call = client.begin('hold', { streams }, { id: 'x', progressToken: 1 });
    const ctx = await running.opened;
    await client.delete();
    expect(ctx.signal.aborted).toBe(true);
    await call.closed;
    expect(call.messages.some((message) => 'result' in message)).toBe(false);
  });

  it('is refused while one of the same id runs, and leaves that alone', async () => {
    const stream = client.begin('hold', { streams: true }, { id: 'x', progressToken: 1 });
    const ctx = await running.opened;
    const second = await client.call('echo', {}, { id: 'x' });
    expect([second.status, second.json.error.code]).toEqual([400, -32600]);
    expect(textOf((await client.call('echo', {}, { id: 'y' })).json)).toBe('{}');
    expect(ctx.signal.aborted).toBe(false);
    await cancel('x');
    await stream.closed;
    await until(async () => (await client.call('echo', {}, { id: 'x' })).status === 200);
  });
});
