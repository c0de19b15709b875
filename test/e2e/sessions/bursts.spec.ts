import { afterEach, describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until } from './fixture.js';

const isResult = (message: any) => 'result' in message;
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.each(PLATFORMS)('what a handler says, on %s', (platform) => {
  let app: TestApp;
  afterEach(() => app.close());

  it.each([
    ['waiting for each', true],
    ['waiting for none', false],
  ])(
    'arrives before the result, in order and all of it: %s',
    async (_how, awaits) => {
      app = await startSessions({
        platform,
        tools: {
          talk: async (ctx) => {
            for (const step of range(5000)) {
              const said = step % 2 === 0 ? ctx.log.info(step) : ctx.progress(step);
              if (awaits) await said;
            }
            return 'done';
          },
        },
      });
      const client = await SessionClient.open(app);
      await client.request('logging/setLevel', { level: 'debug' });
      const call = client.begin('talk', {}, { progressToken: 'p' });
      await call.closed;
      const { messages } = call;
      expect(textOf(messages.pop())).toBe('done');
      const steps = messages.map(({ params }) => params.progress ?? params.data);
      // Messages that are not awaited keep their order among their own kind: whether a log is wanted has to be looked up.
      for (const parity of [0, 1]) {
        expect(steps.filter((step) => step % 2 === parity)).toEqual(
          range(5000).filter((step) => step % 2 === parity),
        );
      }
      if (awaits) expect(steps).toEqual(range(5000));
    },
    30_000,
  );

  it('never costs a client that reads its connection, nor the answer', async () => {
    app = await startSessions({
      platform,
      mcp: { limits: { bufferedBytesPerStream: 100_000 } },
      tools: {
        burst: async (ctx) => {
          await ctx.progress(1);
          for (const step of range(2000)) void ctx.progress(1 + step, undefined, 'x'.repeat(10_000));
          return 'done';
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('burst', {}, { progressToken: 1 });
    await call.closed;
    expect(call.isComplete).toBe(true);
    expect(textOf(call.messages.at(-1))).toBe('done');
    expect(call.messages.length).toBeLessThan(2000);
  });

  it('is said to nobody once the handler is done', async () => {
    const late = new Gate();
    const said = new Gate();
    app = await startSessions({
      platform,
      tools: {
        leave: async (ctx) => {
          await ctx.progress(1);
          void late.opened.then(() => ctx.progress(2)).then(() => said.open());
          return 'done';
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('leave', {}, { progressToken: 1 });
    await call.closed;
    late.open();
    await said.opened;
    expect(await client.listen(call.lastEventId).answered()).toBe(405);
  });
});

describe('a client that does not read', () => {
  let app: TestApp;
  afterEach(() => app.close());

  const stats = () => app.app.get(StreamableHttpTransport).stats();
  const big = 'x'.repeat(10_000);

  it('holds back a handler that waits, is dropped after two keep-alives, and may come back', async () => {
    let steps = 0;
    app = await startSessions({
      mcp: { keepAliveMs: 50 },
      tools: {
        flood: async (ctx) => {
          do await ctx.progress(++steps, undefined, big);
          while (stats().streams > 0);
          await ctx.progress(++steps, undefined, 'last');
          return 'done';
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('flood', {}, { progressToken: 1 });
    call.pause();
    await until(() => steps > 0 && stats().streams === 0);
    call.resume();
    await call.closed;
    expect(call.isComplete).toBe(false);
    const resumed = client.listen(call.lastEventId);
    expect(textOf(await resumed.message(isResult))).toBe('done');
    const seen = [...call.messages, ...resumed.messages].filter(({ params }) => params);
    expect(seen.map(({ params }) => params.progress)).toEqual(range(steps));
  }, 30_000);

  it('is dropped while a handler goes on that waits for nothing, and gets the answer when it comes back', async () => {
    app = await startSessions({
      mcp: { limits: { bufferedBytesPerStream: 100_000 }, keepAliveMs: 100 },
      tools: {
        burst: async (ctx) => {
          let step = 0;
          do {
            for (const _ of range(100)) void ctx.progress(++step, undefined, big);
            await new Promise(setImmediate);
          } while (stats().streams > 0);
          return 'done';
        },
      },
    });
    const client = await SessionClient.open(app);
    const call = client.begin('burst', {}, { progressToken: 1 });
    call.pause();
    await until(() => stats().requests > 0 && stats().streams > 0);
    await until(() => stats().streams === 0);
    call.resume();
    await call.closed;
    expect(call.isComplete).toBe(false);
    const resumed = client.listen(call.lastEventId);
    expect(textOf(await resumed.message(isResult))).toBe('done');
  }, 30_000);

  it('costs no more than its log, however much is sent to its session', async () => {
    app = await startSessions({ mcp: { keepAliveMs: 50 } });
    const client = await SessionClient.open(app);
    const stream = client.listen();
    await stream.until(() => stream.events.length > 0);
    stream.pause();
    const session = app.app.get(StreamableHttpTransport).session(client.id);
    await until(async () => {
      for (const step of range(200))
        await session.notify('notifications/message', { level: 'info', data: big + step });
      return stats().streams === 0;
    });
    stream.cut();
    const answer = await client.get({
      accept: 'text/event-stream',
      'last-event-id': String(stream.lastEventId),
    });
    expect(answer.status).toBe(400);
  }, 30_000);
});
