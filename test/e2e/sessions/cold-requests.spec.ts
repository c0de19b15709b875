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
import type { TestApp } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, until, type SessionSetup } from './fixture.js';

/** Outlive the applications that share them. */
class SharedRequests extends InMemoryClientRequestAdapter {
  override async close() {}
}
class SharedSessions extends InMemorySessionAdapter {
  override async close() {}
}

const inMemory = (): (() => McpModuleOptions) => {
  const channel = new InProcessChannel();
  const sessionAdapter = new SharedSessions();
  const clientRequestAdapter = new SharedRequests();
  return () => ({
    sessionAdapter,
    clientRequestAdapter,
    notificationBus: new InProcessNotificationBus(channel),
  });
};

/** On a busy machine a hundred conversations at once have to wait for their store; what is tested is that none is mixed up. */
const PATIENT = { commandTimeoutMs: 30_000 };

const STORES = ['in memory', 'in Redis'] as const;

describe.each(STORES)('two instances with a store %s', (store) => {
  let redis: RedisServer | undefined;
  const apps: TestApp[] = [];

  beforeEach(async () => {
    redis = store === 'in Redis' ? await startRedis() : undefined;
  });
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await redis?.dispose();
  });

  async function start(setup: SessionSetup = {}): Promise<[TestApp, TestApp]> {
    const { url } = redis ?? {};
    const optionsOf = url
      ? () => ({ store: redisStore({ url, ...PATIENT }), serverInfo: { name: 'test', version: '1.0.0' } })
      : inMemory();
    const secret = { requestStateSecret: 's'.repeat(32) };
    for (let count = 0; count < 2; count++) {
      const mcp = { ...secret, ...optionsOf(), shutdownGraceMs: 0, ...setup.mcp };
      apps.push(await startSessions({ ...setup, mcp }));
    }
    return apps as [TestApp, TestApp];
  }

  it.each([2, 10])('run one of %i first requests with one id at an instance that is cold', async (count) => {
    const gate = new Gate();
    let runs = 0;
    const hold = () => {
      runs++;
      return gate.opened.then(() => 'held');
    };
    const [a, b] = await start({ tools: { hold } });
    const client = (await SessionClient.open(a)).with({ url: b.url });
    const answers = Array.from({ length: count }, () => client.call('hold', {}, { id: 'same' }));
    let refused = 0;
    for (const answer of answers) void answer.then(({ status }) => (refused += status === 400 ? 1 : 0));
    await until(() => runs > 0 && refused === count - 1);
    gate.open();
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(count - 1).fill(400)]);
    expect(runs).toBe(1);
  });

  it('keep a session that is busy at one while the other has long forgotten it', async () => {
    const [a, b] = await start({ mcp: { sessionTtlMs: 1_200 } });
    const client = await SessionClient.open(a);
    const stats = () => a.app.get(StreamableHttpTransport).stats().sessions;
    expect(stats()).toBe(1);
    const busy = client.with({ url: b.url });
    await until(async () => {
      expect((await busy.request('ping')).status).toBe(200);
      return stats() === 0;
    });
    expect((await busy.request('ping')).status).toBe(200);
    expect((await client.request('ping')).status).toBe(200);
  });

  it('keep apart a hundred sessions whose requests and questions have the same ids', async () => {
    const ask = async (ctx: McpContext, { who }: { who: string }) => {
      const schema = { type: 'object', properties: { who: { type: 'string' } } };
      const { content } = await ctx.elicit({ message: who, schema });
      await ctx.progress(1);
      return `${who} is ${String(content?.['who'])}`;
    };
    const [a, b] = await start({ tools: { ask } });
    const everybody = Array.from({ length: 100 }, (_, index) => `client ${index}`);
    const conversations = everybody.map(async (who, index) => {
      const [here, there] = index % 2 ? [a, b] : [b, a];
      const client = await SessionClient.open(here, { capabilities: { elicitation: {} } });
      const call = client.begin('ask', { who }, { id: 1, progressToken: 1 });
      const question = await call.message(({ method }) => method === 'elicitation/create');
      expect(question.params.message).toBe(who);
      const elsewhere = client.with({ url: there.url });
      expect((await elsewhere.answer(question, { action: 'accept', content: { who } })).status).toBe(202);
      const result = await call.message(({ id, result: found }) => id === 1 && found);
      expect(call.messages).toHaveLength(3);
      return textOf(result);
    });
    expect(await Promise.all(conversations)).toEqual(everybody.map((who) => `${who} is ${who}`));
  });
});
