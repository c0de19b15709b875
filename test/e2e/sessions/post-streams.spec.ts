import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf } from './fixture.js';

const isResult = (message: any) => 'result' in message;
const steps = (messages: any[]) => messages.filter((m) => m.params?.progress).map((m) => m.params.progress);

describe.each(PLATFORMS)('the answer to a call of a session on %s', (platform) => {
  let app: TestApp;
  let gate: Gate;
  let client: SessionClient;
  let wasAborted: boolean | undefined;

  beforeEach(async () => {
    gate = new Gate();
    wasAborted = undefined;
    app = await startSessions({
      platform,
      mcp: { sessionAdapter: new InMemorySessionAdapter({ maxEventBufferSize: 8 }) },
      tools: {
        work: async (ctx, { after = 1 }) => {
          await ctx.progress(1);
          await gate.opened;
          for (let step = 2; step < 2 + after; step++) await ctx.progress(step);
          wasAborted = ctx.signal.aborted;
          return 'worked';
        },
        poll: async (ctx) => {
          await ctx.closeStream({ retryMs: 20 });
          await gate.opened;
          await ctx.progress(1);
          return 'polled';
        },
      },
    });
    client = await SessionClient.open(app);
  });
  afterEach(() => app.close());

  const begin = (options = {}) => client.begin('work', {}, { progressToken: 1, id: 'call', ...options });

  it('is JSON where nothing comes before it, and leaves nothing to resume', async () => {
    const answer = await client.call('echo', { a: 1 });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(textOf(answer.json)).toBe('{"a":1}');
  });

  it('is a stream where something does, which ends with it', async () => {
    const stream = begin();
    await stream.until(() => stream.messages.length === 1);
    gate.open();
    await stream.closed;
    expect(stream.isComplete).toBe(true);
    expect(stream.events[0]).toEqual({ id: expect.any(String), retry: 1000, data: '' });
    expect(steps(stream.messages)).toEqual([1, 2]);
    expect(textOf(stream.messages.at(-1))).toBe('worked');
    expect(new Set(stream.events.map(({ id }) => id)).size).toBe(4);
  });

  it('is a stream for a client that takes nothing else', async () => {
    const stream = client.begin('echo', {}, { headers: { accept: 'text/event-stream' } });
    await stream.closed;
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.messages).toHaveLength(1);
  });

  it('is JSON for a client that takes nothing else, without what would come before it', async () => {
    const answering = client.call('work', {}, { progressToken: 1, headers: { accept: 'application/json' } });
    gate.open();
    const answer = await answering;
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(textOf(answer.json)).toBe('worked');
  });

  it('is resumed where it broke, while the handler goes on', async () => {
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    broken.cut();
    const resumed = client.listen(broken.lastEventId);
    await resumed.answered();
    gate.open();
    await resumed.closed;
    expect(resumed.isComplete).toBe(true);
    expect(steps(resumed.messages)).toEqual([2]);
    expect(textOf(resumed.messages.at(-1))).toBe('worked');
    expect(wasAborted).toBe(false);
  });

  it('waits for its client where that is gone when the handler is done', async () => {
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    broken.cut();
    gate.open();
    const resumed = client.listen(broken.lastEventId);
    await resumed.message(isResult);
    expect(wasAborted).toBe(false);
  });

  it('is all there for a client that saw the first event only', async () => {
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    broken.cut();
    gate.open();
    const resumed = client.listen(broken.events[0]?.id);
    await resumed.message(isResult);
    expect(steps(resumed.messages)).toEqual([1, 2]);
  });

  it('gives nothing of it to the stream of the session, nor the other way round', async () => {
    const listening = client.listen();
    await listening.until(() => listening.events.length > 0);
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    broken.cut();
    gate.open();
    const resumed = client.listen(broken.lastEventId);
    await resumed.closed;
    expect(listening.isComplete).toBe(false);
    expect(listening.messages).toEqual([]);
    listening.cut();
  });

  it('is given to the newest of several connections that resume it', async () => {
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    const second = client.listen(broken.lastEventId);
    await broken.closed;
    await second.until(() => second.comments.length > 0);
    const third = client.listen(broken.lastEventId);
    await second.closed;
    await third.until(() => third.comments.length > 0);
    gate.open();
    await third.message(isResult);
    expect([...broken.messages, ...second.messages].some(isResult)).toBe(false);
  });

  it('is not waited for once the client has seen all of it', async () => {
    const stream = begin();
    gate.open();
    await stream.closed;
    const again = await client.get({
      accept: 'text/event-stream',
      'last-event-id': String(stream.lastEventId),
    });
    expect([again.status, again.json.error.code]).toEqual([405, -32600]);
  });

  it('is refused where events that were not seen are gone', async () => {
    const stream = client.begin('work', { after: 20 }, { progressToken: 1 });
    await stream.until(() => stream.messages.length === 1);
    stream.cut();
    gate.open();
    await client.request('ping');
    const again = await client.get({
      accept: 'text/event-stream',
      'last-event-id': String(stream.lastEventId),
    });
    expect([again.status, again.json.error.code]).toEqual([400, -32600]);
  });

  it.each(['', 'nonsense', '1#2', '\u00ff', 'x'.repeat(4000)])(
    'refuses an event id nobody gave: "%s"',
    async (id) => {
      const answer = await client.get({ accept: 'text/event-stream', 'last-event-id': id });
      expect([answer.status, answer.json.error.code]).toEqual([400, -32600]);
    },
  );

  it('is refused with the event ids of another session', async () => {
    const broken = begin();
    await broken.until(() => broken.messages.length === 1);
    broken.cut();
    const other = await SessionClient.open(app);
    for (const { id } of broken.events) {
      const answer = await other.get({ accept: 'text/event-stream', 'last-event-id': String(id) });
      expect(answer.status).toBe(400);
    }
    gate.open();
    await client.listen(broken.lastEventId).message(isResult);
  });

  it('lets the client come back for it when the handler closes the stream', async () => {
    const stream = client.begin('poll', {}, { id: 'call', progressToken: 1 });
    await stream.closed;
    expect(stream.isComplete).toBe(true);
    expect(stream.messages).toEqual([]);
    expect(stream.events.map(({ retry }) => retry)).toEqual([1000, 20]);
    gate.open();
    const resumed = client.listen(stream.lastEventId);
    expect(textOf(await resumed.message(isResult))).toBe('polled');
    expect(steps(resumed.messages)).toEqual([1]);
  });

  it('is not interrupted for clients of 2025-06-18, which would not come back', async () => {
    client = await SessionClient.open(app, { version: '2025-06-18' });
    const stream = client.begin('poll', {}, { progressToken: 1 });
    gate.open();
    await stream.closed;
    expect(textOf(stream.messages.at(-1))).toBe('polled');
    expect(stream.events.filter(({ data }) => data === '')).toEqual([]);
  });
});
