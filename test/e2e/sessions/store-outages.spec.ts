import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AdapterUnavailableError,
  MemoryStore,
  StreamableHttpTransport,
  type Store,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import type { TestApp } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { SessionClient, toolCall } from '../../support/session-client.js';
import { Gate, startSessions, until } from './fixture.js';

/** Is away for some appends to sessions. */
class AbsentStore extends MemoryStore {
  appends = 0;
  awayAt: readonly number[] = [];
  onAssign: (fields: readonly string[]) => void = () => {};

  override async assign(...given: Parameters<Store['assign']>) {
    this.onAssign(Object.keys(given[1]));
    return super.assign(...given);
  }

  override async append(...given: Parameters<Store['append']>) {
    if (given[0].name === 'session' && this.awayAt.includes(++this.appends)) {
      throw new AdapterUnavailableError('away');
    }
    return super.append(...given);
  }
}

let app: TestApp;
let redis: RedisServer | undefined;
afterEach(async () => {
  await app.close();
  await redis?.dispose();
  redis = undefined;
});

const server = { serverInfo: { name: 'test', version: '1.0.0' }, requestStateSecret: 's'.repeat(32) };

describe.each(['2025-03-26', '2025-11-25'])('a call of %s', (version) => {
  // The begin of the stream, two messages and the answer; then a store that is away for longer.
  it.each([[[1]], [[2]], [[3]], [[4]], [[1, 2]], [[1, 2, 3]], [[1, 2, 3, 4, 5]]])(
    'gets its result although the store is away at appends %j',
    async (awayAt) => {
      const store = new AbsentStore();
      app = await startSessions({
        mcp: { ...server, store },
        tools: {
          async count(ctx) {
            for (let n = 1; n <= 2; n++) await ctx.progress(n).catch(() => {});
            return 'done';
          },
        },
      });
      const client = await SessionClient.open(app, { version });
      store.awayAt = awayAt;
      expect(await resultOf(client)).toBe('done');
    },
  );
});

it('withdraws no question that its client was never asked', async () => {
  const store = new AbsentStore();
  app = await startSessions({
    mcp: { ...server, store },
    tools: {
      async count(ctx) {
        const ask = () =>
          ctx.elicit({ message: 'Go on?', schema: { type: 'object', properties: {} } }).catch(() => {});
        await ctx.progress(1);
        store.awayAt = [store.appends + 1];
        await ask();
        await ask();
        return 'asked';
      },
    },
  });
  const client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
  const call = client.begin('count', {}, { id: 'x', progressToken: 1 });
  const question = await call.message(({ method }) => method === 'elicitation/create');
  await client.answer(question as { id: string }, { action: 'decline' });
  await call.closed;
  expect(call.messages.map(({ method }) => method ?? 'result')).toEqual([
    'notifications/progress',
    'elicitation/create',
    'result',
  ]);
});

it('tries nothing again once the application has closed', async () => {
  const store = new AbsentStore();
  const gate = new Gate();
  app = await startSessions({
    mcp: { ...server, store, shutdownGraceMs: 0 },
    tools: {
      async count(ctx) {
        await ctx.progress(1);
        await gate.opened;
        return 'done';
      },
    },
  });
  const client = await SessionClient.open(app);
  const call = client.begin('count', {}, { id: 'x', progressToken: 1 });
  await call.message(({ method }) => method === 'notifications/progress');
  store.awayAt = Array.from({ length: 100 }, (_, n) => n);
  const before = store.appends;
  gate.open();
  await until(() => store.appends > before);
  await app.close();
  const after = store.appends;
  // Longer than the pause between two attempts.
  await delay(1_200);
  expect(store.appends).toBe(after);
});

it('leaves nothing of requests that were refused as their id was in use', async () => {
  const store = new AbsentStore();
  const gate = new Gate();
  const writes: string[] = [];
  store.onAssign = (fields) => void writes.push(...fields);
  app = await startSessions({
    mcp: { ...server, store },
    tools: { count: () => gate.opened.then(() => 'done') },
  });
  const client = await SessionClient.open(app);
  const running = client.call('count', {}, { id: 'x' });
  await until(() => app.app.get(StreamableHttpTransport).stats().requests === 1);
  const refused = await Promise.all(
    Array.from({ length: 20 }, () =>
      client.post(toolCall('count', {}, { id: 'x' }), { accept: 'text/event-stream' }),
    ),
  );
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([400]));
  gate.open();
  expect((await running).status).toBe(200);
  expect(writes).toEqual([]);
});

it('gets its result while Redis is away from its first message on', async () => {
  redis = await startRedis();
  const gate = new Gate();
  app = await startSessions({
    mcp: {
      ...server,
      store: redisStore({ url: redis.url, commandTimeoutMs: 500, logger: { log() {}, warn() {} } }),
    },
    tools: {
      async count(ctx) {
        await gate.opened;
        await ctx.progress(1).catch(() => {});
        return 'done';
      },
    },
  });
  const client = await SessionClient.open(app);
  const result = resultOf(client);
  await client.request('ping');
  await redis.stop();
  gate.open();
  expect(await result).toBe('done');
  await redis.start();
});

/** As an answer, on its stream, or on the stream when that is resumed. */
async function resultOf(client: SessionClient): Promise<string> {
  const call = client.begin('count', {}, { id: 'x', progressToken: 1 });
  const isAnswer = ({ id }: any) => id === 'x';
  const onStream = call.message(isAnswer).catch(() => undefined);
  await Promise.race([call.closed, onStream]);
  const isStream = call.headers['content-type']?.startsWith('text/event-stream');
  const resume = () => client.listen(call.lastEventId).message(isAnswer);
  const answer = isStream ? ((await onStream) ?? (await resume())) : call.json;
  return answer.result.content[0].text;
}
