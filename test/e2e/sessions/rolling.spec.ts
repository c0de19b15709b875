import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  McpRegistry,
  MemoryStore,
  MemoryStoreData,
  type McpModuleOptions,
  type Store,
} from 'nestjs-mcp-adapters';
import { storeAdapters } from 'nestjs-mcp-adapters/adapters';
import { RedisStore } from '../../../lib/adapters/redis/redis-store.js';
import type { TestApp } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { askedIn, ModernClient } from '../../support/modern-client.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf, type Script } from './fixture.js';

const OLD_SECRET = 'the secret of the version before, long enough';
const NEW_SECRET = 'the secret of the version after it, long enough';
const schema = { type: 'object', properties: { name: { type: 'string' } } } as const;
const isResult = (message: any) => 'result' in message;
const isQuestion = ({ method }: any) => method === 'elicitation/create';

interface Version {
  readonly tools: Readonly<Record<string, Script>>;
  readonly mcp: McpModuleOptions;
}

const common = (version: string): Version['tools'] => ({
  version: () => version,
  set: (ctx, { value }) => ctx.session.set('key', value).then(() => 'set'),
  get: async (ctx) => String(await ctx.session.get('key')),
  ask: async (ctx) => {
    const { content } = await ctx.elicit({ message: 'Name?', schema, key: 'name' });
    return `${String((content as any)?.name)} of ${version}`;
  },
});

let gate: Gate;
const slow: Script = async (ctx) => {
  await ctx.progress(1);
  await gate.opened;
  await ctx.progress(2);
  return 'done';
};

/** The application before and after a deployment: other tools, other options, and a new secret on its way in. */
const VERSIONS = {
  before: (): Version => ({
    tools: { ...common('before'), slow, only_before: () => 'before' },
    mcp: {
      serverInfo: { name: 'shop', version: '1.9.0' },
      requestStateSecret: [OLD_SECRET, NEW_SECRET],
      sessionTtlMs: 60_000,
    },
  }),
  after: (): Version => ({
    tools: { ...common('after'), slow, only_after: () => 'after' },
    mcp: {
      serverInfo: { name: 'shop', version: '2.0.0', title: 'Shop' },
      instructions: 'Buy something',
      requestStateSecret: [NEW_SECRET, OLD_SECRET],
      sessionTtlMs: 3_600_000,
      limits: { sessions: 50, streamsPerSession: 4 },
      pageSize: 3,
      keepAliveMs: 5_000,
    },
  }),
} as const;
type Which = keyof typeof VERSIONS;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
}, 60_000);
afterAll(() => redis.dispose());

/** Opens one store twice, as two processes do. */
const STORES: Readonly<Record<string, () => () => { store: Store; close(): Promise<unknown> }>> = {
  memory: () => {
    const data = new MemoryStoreData();
    return () => {
      const store = new MemoryStore(data);
      return { store, close: () => store.close() };
    };
  },
  Redis: () => {
    const keyPrefix = `rolling-${Math.random()}`;
    return () => {
      const client = new Redis(redis.port, '127.0.0.1');
      const store = new RedisStore({ client, keyPrefix });
      return { store, close: () => store.close().then(() => client.quit()) };
    };
  },
};

const DIRECTIONS: readonly [kind: string, from: Which, to: Which][] = Object.keys(STORES).flatMap((kind) => [
  [kind, 'before', 'after'],
  [kind, 'after', 'before'],
]);

describe.each(DIRECTIONS)(
  'two versions of an application on one store (%s), from the one %s to the one %s',
  (kind, from, to) => {
    let here: TestApp;
    let there: TestApp;
    let client: SessionClient;
    const closing: (() => Promise<unknown>)[] = [];

    beforeEach(async () => {
      gate = new Gate();
      const open = (STORES[kind] as (typeof STORES)[string])();
      const start = (which: Which) => {
        const { store, close } = open();
        closing.push(close);
        const { tools, mcp } = VERSIONS[which]();
        const { taskAdapter: tasks, ...adapters } = storeAdapters(store, { server: 'shop' });
        const capabilities = { tools: {} };
        return startSessions({
          tools,
          mcp: { ...mcp, ...adapters, tasks, capabilities, shutdownGraceMs: 0 },
        });
      };
      [here, there] = [await start(from), await start(to)];
      client = await SessionClient.open(here, { capabilities: { elicitation: {} } });
    });
    afterEach(async () => {
      await here.close();
      await there.close();
      for (const close of closing.splice(0)) await close();
    });

    const onwards = () => client.with({ url: there.url });
    const text = async (answer: Promise<{ json: any }>) => textOf((await answer).json);

    it('go on with a session and its state, with the tools of the version that serves it', async () => {
      await client.call('set', { value: 'kept' });
      await here.close();
      expect(await text(onwards().call('get'))).toBe('kept');
      expect(await text(onwards().call('version'))).toBe(to);
      expect(await text(onwards().call(`only_${to}`))).toBe(to);
      expect((await onwards().call(`only_${from}`)).json.error.code).toBe(-32602);
      await onwards().call('set', { value: 'changed' });
      expect(await text(onwards().call('get'))).toBe('changed');
    });

    it('go on with a stream, and end the session for one another', async () => {
      const call = client.begin('slow', {}, { progressToken: 1 });
      await call.until(() => call.messages.length === 1);
      const resumed = onwards().listen(call.lastEventId);
      await call.closed;
      gate.open();
      expect(textOf(await resumed.message(isResult))).toBe('done');
      expect((await onwards().delete()).status).toBe(204);
      expect((await client.request('ping')).status).toBe(404);
    });

    it('take the answer to a question for one another', async () => {
      const call = client.begin('ask');
      const question = await call.message(isQuestion);
      const answer = { action: 'accept', content: { name: 'Ada' } };
      expect((await onwards().answer(question, answer)).status).toBe(202);
      expect(textOf(await call.message(isResult))).toBe(`Ada of ${from}`);
    });

    it('announce a change to clients of one another', async () => {
      const stream = onwards().listen();
      await stream.until(() => stream.events.length > 0);
      await here.app.get(McpRegistry).addTool({ name: 'late' }, () => 'late');
      await stream.message(({ method }) => method === 'notifications/tools/list_changed');
      stream.cut();
    });

    it('go on with a parked call of a modern client', async () => {
      const modern = ModernClient.tool(here, 'ask');
      const asked = await modern.send();
      expect(Object.keys(askedIn(asked))).toEqual(['name']);
      const answer = { name: { action: 'accept', content: { name: 'Ada' } } };
      const { json } = await modern.with({ url: there.url }).answer(asked, answer);
      expect(textOf(json)).toBe(`Ada of ${from}`);
    });

    it('read the state of a parked call whose instance is gone, and say so', async () => {
      const modern = ModernClient.tool(here, 'ask');
      const asked = await modern.send();
      await here.close();
      const answer = { name: { action: 'accept', content: { name: 'Ada' } } };
      const { json } = await modern.with({ url: there.url }).answer(asked, answer);
      expect(json.error).toMatchObject({ code: -32602, message: expect.stringContaining('is over') });
    });
  },
);
