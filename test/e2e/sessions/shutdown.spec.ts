import { describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until } from './fixture.js';

/** Takes its time to find a session, when told to. */
class SlowSessions extends InMemorySessionAdapter {
  #slow: { readonly gate: Gate; readonly reached: Gate } | undefined;

  isClosed = false;

  override async close() {
    this.isClosed = true;
    await super.close();
  }

  slowDown() {
    return (this.#slow = { gate: new Gate(), reached: new Gate() });
  }

  override async open(...given: Parameters<InMemorySessionAdapter['open']>) {
    this.#slow?.reached.open();
    await this.#slow?.gate.opened;
    return super.open(...given);
  }
}

const isResult = (message: any) => 'result' in message;

describe.each(PLATFORMS)('a server that closes, on %s', (platform) => {
  const start = (shutdownGraceMs: number, gate: Gate) =>
    startSessions({
      platform,
      mcp: { shutdownGraceMs },
      tools: {
        hold: (ctx) =>
          ctx
            .progress(1)
            .then(() => gate.opened)
            .then(() => 'held'),
      },
    });

  it('ends the streams of sessions at once and lets calls finish', async () => {
    const gate = new Gate();
    const app = await start(60_000, gate);
    const client = await SessionClient.open(app);
    const listening = client.listen();
    const call = client.begin('hold', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    await listening.until(() => listening.events.length > 0);
    const closing = app.close();
    await listening.closed;
    expect(listening.isComplete).toBe(true);
    gate.open();
    expect(textOf(await call.message(isResult))).toBe('held');
    await closing;
    await call.closed;
  });

  it('ends the stream that a client was about to open', async () => {
    const sessionAdapter = new SlowSessions();
    const app = await startSessions({ platform, mcp: { sessionAdapter } });
    const client = await SessionClient.open(app);
    const slow = sessionAdapter.slowDown();
    const listening = client.listen();
    await slow.reached.opened;
    const closing = app.close();
    await until(() => app.app.get(StreamableHttpTransport).isClosing);
    slow.gate.open();
    await Promise.all([listening.closed, closing]);
  });

  it('runs no call whose session it found too late', async () => {
    const sessionAdapter = new SlowSessions();
    const ran: string[] = [];
    const app = await startSessions({
      platform,
      mcp: { sessionAdapter },
      tools: { run: () => ran.push('run') },
    });
    const client = await SessionClient.open(app);
    const slow = sessionAdapter.slowDown();
    const call = client.call('run');
    await slow.reached.opened;
    const closing = app.close();
    await until(() => sessionAdapter.isClosed);
    slow.gate.open();
    expect((await call).status).toBe(503);
    expect(ran).toEqual([]);
    await closing;
  });

  it('ends a call that was resumed at once too, whose result waits for no one', async () => {
    const gate = new Gate();
    const app = await start(60_000, gate);
    const client = await SessionClient.open(app);
    const call = client.begin('hold', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    call.cut();
    const resumed = client.listen(call.lastEventId);
    await resumed.until(() => resumed.comments.length > 0);
    const closing = app.close();
    await resumed.closed;
    gate.open();
    await closing;
  });

  it('tells the clients of calls that do not finish in time', async () => {
    const app = await start(20, new Gate());
    const client = await SessionClient.open(app);
    const call = client.begin('hold', {}, { progressToken: 1, id: 'call' });
    await call.until(() => call.messages.length === 1);
    await app.close();
    await call.closed;
    expect(call.isComplete).toBe(true);
    expect(call.messages.at(-1)).toMatchObject({ id: 'call', error: { code: -32603 } });
  });

  it('does not wait for a client that does not read', async () => {
    const app = await startSessions({
      platform,
      mcp: { shutdownGraceMs: 20 },
      tools: {
        flood: async (ctx) => {
          for (let step = 1; !ctx.signal.aborted; step++)
            await ctx.progress(step, undefined, 'x'.repeat(50_000));
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('flood', {}, { progressToken: 1 });
    await call.until(() => call.messages.length > 3);
    call.pause();
    await app.close();
    call.cut();
  });
});
