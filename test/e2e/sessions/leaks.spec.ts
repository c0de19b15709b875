import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions, until } from './fixture.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** So many that a leak of a kilobyte each is seen. */
const SESSIONS = process.env['TEST_SCOPE'] === 'all' ? 10_000 : 2_000;

/** Heap in use once nothing can be freed any more, in MB. */
async function heap(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Handles that keep the process alive, without those of the test itself. */
const resources = () =>
  process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS|Message)/.test(name));

describe('sessions that nobody ends', () => {
  it('never are more than allowed, and leave nothing when their time is over', async () => {
    const app = await startSessions({ mcp: { limits: { sessions: 1000 }, sessionTtlMs: 1500 }, wire: false });
    const { app: nest, url } = app;
    const stats = () => nest.get(StreamableHttpTransport).stats();
    const begin = async (count: number) => {
      for (let done = 0; done < count; done += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => initialize(url)));
        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(stats().sessions).toBeLessThanOrEqual(1000);
      }
    };
    await begin(500);
    await until(() => stats().sessions === 0);
    const before = await heap();
    await begin(SESSIONS);
    await until(() => stats().sessions === 0);
    expect((await heap()) - before).toBeLessThan(SESSIONS * 0.0015);
    await app.close();
  }, 120_000);
});

it('streams that are cut in any state leave nothing', async () => {
  const app = await startSessions({
    wire: false,
    mcp: { sessionTtlMs: 60_000, shutdownGraceMs: 0 },
    tools: {
      talk: async (ctx, { steps }) => {
        for (let step = 1; step <= steps; step++) await ctx.progress(step);
        return 'done';
      },
      ask: async (ctx) => {
        const answer = await ctx.elicit({
          message: '?',
          timeoutMs: 50,
          schema: { type: 'object', properties: {} },
        });
        return answer.action;
      },
      stay: async (ctx) => {
        await ctx.progress(1);
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        return 'gone';
      },
    },
  });
  const stats = () => app.app.get(StreamableHttpTransport).stats();
  const idle = resources().length;

  const round = async () => {
    const client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
    for (const name of ['talk', 'ask', 'stay']) {
      for (const cutAfter of [1, 150, 400, 500, 700]) {
        const call = client.begin(name, { steps: 20 }, { progressToken: 1, cutAfter });
        // Only a call that stays has to be left: the others end, or are cut.
        if (name === 'stay')
          await call
            .answered()
            .then(() => call.cut())
            .catch(() => {});
        await call.closed;
        if (call.lastEventId === undefined) continue;
        const resumed = client.listen(call.lastEventId);
        await resumed.answered();
        resumed.cut();
      }
    }
    const listening = client.listen();
    await listening.until(() => listening.events.length > 0);
    listening.cut();
    await client.delete();
  };
  for (let count = 0; count < 3; count++) await round();
  await until(() => stats().streams === 0 && stats().requests === 0 && stats().sessions === 0);
  const before = await heap();
  for (let count = 0; count < 20; count++) await round();
  await until(() => stats().streams === 0 && stats().requests === 0 && stats().sessions === 0);
  await until(() => resources().length <= idle);
  expect((await heap()) - before).toBeLessThan(5);
  await app.close();
}, 120_000);
