import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InProcessChannel,
  InProcessNotificationBus,
  StreamableHttpTransport,
  type McpContext,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { SessionClient, toolCall } from '../../support/session-client.js';
import { startSessions, until } from './fixture.js';

class SharedRequests extends InMemoryClientRequestAdapter {
  override async close() {}
}
class SharedSessions extends InMemorySessionAdapter {
  override async close() {}
}

const wait = async (ctx: McpContext, { progress }: { progress?: boolean }) => {
  if (progress) await ctx.progress(1);
  await new Promise<never>((_resolve, reject) => {
    ctx.signal.addEventListener('abort', () => reject(new Error('gave up')));
  });
};
const form = { type: 'object', properties: { ok: { type: 'boolean' } } };
const ask = (ctx: McpContext) => ctx.elicit({ message: '?', schema: form }).then(({ action }) => action);

let redis: RedisServer | undefined;
const apps: TestApp[] = [];
let a: TestApp;
let b: TestApp;

async function start(store: string, platform: (typeof PLATFORMS)[number], mcp: McpModuleOptions = {}) {
  redis = store === 'in Redis' ? await startRedis() : undefined;
  const { url } = redis ?? {};
  const channel = new InProcessChannel();
  const sessionAdapter = new SharedSessions();
  const clientRequestAdapter = new SharedRequests();
  for (let count = 0; count < 2; count++) {
    const adapters = url
      ? { store: redisStore({ url }), serverInfo: { name: 'test', version: '1.0.0' } }
      : { sessionAdapter, clientRequestAdapter, notificationBus: new InProcessNotificationBus(channel) };
    const options = { ...adapters, requestStateSecret: 's'.repeat(32), shutdownGraceMs: 0, ...mcp };
    apps.push(await startSessions({ platform, tools: { wait, ask }, mcp: options }));
  }
  [a, b] = apps as [TestApp, TestApp];
}
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await redis?.dispose();
});

const transportOf = ({ app }: TestApp) => app.get(StreamableHttpTransport);
const isRunning = (app: TestApp) => until(() => transportOf(app).stats().requests === 1);

/** Ways in which a session ends while the first instance runs its calls. */
const ENDINGS: Record<string, (client: SessionClient) => Promise<unknown>> = {
  'DELETE here': (client) => client.delete(),
  'DELETE at the other instance': (client) => client.with({ url: b.url }).delete(),
  'the server itself': (client) => transportOf(a).session(client.id).close(),
  'the server at the other instance': (client) => transportOf(b).session(client.id).close(),
};

describe.each(PLATFORMS)('a session that ends while its calls run, on %s', (platform) => {
  describe.each(['in memory', 'in Redis'])('kept %s', (store) => {
    describe.each(Object.entries(ENDINGS))('by %s', (_name, end) => {
      beforeEach(() => start(store, platform));

      it('answers who waits for JSON with 404 and an error of that request', async () => {
        const client = await SessionClient.open(a);
        const answer = client.call('wait', {}, { id: 'x' });
        await isRunning(a);
        await end(client);
        const { status, json } = await answer;
        expect(status).toBe(404);
        expect(json).toMatchObject({ id: 'x', error: { code: -32600 } });
      });

      it('answers each request of a batch', async () => {
        const client = await SessionClient.open(a, { version: '2025-03-26' });
        const answer = client.post([toolCall('wait', {}, { id: 1 }), toolCall('wait', {}, { id: 2 })]);
        await isRunning(a);
        await end(client);
        const { json } = await answer;
        expect(json.map(({ id, error }: any) => [id, error.code]).sort()).toEqual([
          [1, -32600],
          [2, -32600],
        ]);
      });

      it.each([
        { what: 'a stream', progress: true, version: '2025-06-18' },
        { what: 'a stream with event ids', progress: true, version: '2025-11-25' },
      ])('answers who reads $what', async ({ version }) => {
        const client = await SessionClient.open(a, { version });
        const call = client.begin('wait', { progress: true }, { id: 'x', progressToken: 1 });
        await call.message(({ method }) => method === 'notifications/progress');
        await end(client);
        const answer = await call.message(({ id }) => id === 'x');
        expect(answer.error.code).toBe(-32600);
        await call.closed;
      });

      it('answers a call that waits for its client', async () => {
        const client = await SessionClient.open(a, { capabilities: { elicitation: {} } });
        const call = client.begin('ask', {}, { id: 'x' });
        await call.message(({ method }) => method === 'elicitation/create');
        await end(client);
        expect((await call.message(({ id }) => id === 'x')).error.code).toBe(-32600);
        await call.closed;
      });
    });

    it('answers who has gone on with the stream at another instance', async () => {
      await start(store, platform);
      const client = await SessionClient.open(a);
      const call = client.begin('wait', { progress: true }, { id: 'x', progressToken: 1 });
      await call.message(({ method }) => method === 'notifications/progress');
      const resumed = client.with({ url: b.url }).listen(call.lastEventId);
      await call.closed;
      await resumed.until(() => resumed.status === 200 && resumed.comments.length > 0);
      const owned = async () => transportOf(b).stats().streams > 0;
      await until(owned);
      await client.delete();
      await resumed.closed;
      // Only instances that share their store by a shared adapter know who runs what.
      if (store === 'in Redis')
        expect(resumed.messages.at(-1)).toMatchObject({ id: 'x', error: { code: -32600 } });
    });
  });
});
