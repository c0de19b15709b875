import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import {
  InMemoryTaskAdapter,
  McpModule,
  McpTool,
  MemoryStore,
  MemoryStoreData,
  type McpContext,
  type Store,
} from 'nestjs-mcp-adapters';
import { RedisStore } from '../../../lib/adapters/redis/redis-store.js';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { quiet } from '../../support/redis-matrix.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { ANSWER, ask, FORM, startTasks, TASKS_EXTENSION, until } from './support.js';

@Injectable()
class Tools {
  @McpTool({ name: 'greet', task: { mode: 'required', ttlMs: 60_000 } })
  async greet(_: object, ctx: McpContext) {
    await ctx.progress(1, 2, 'halfway');
    const { action, content } = await ctx.elicit({ message: 'Who?', schema: FORM });
    return action === 'accept' ? `Hello ${(content as { name: string }).name}` : 'Hello';
  }

  @McpTool({ name: 'late', task: { afterMs: 0 } })
  async late(_: object, ctx: McpContext) {
    const { action } = await ctx.elicit({ message: 'Sure?', schema: FORM });
    await delay(100);
    return action;
  }

  @McpTool({ name: 'counting', task: { mode: 'auto', afterMs: 20 } })
  async counting(_: object, ctx: McpContext) {
    await ctx.progress(1, 3);
    await ctx.progress(2, 3);
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
  }

  @McpTool({ name: 'brief', task: 'auto' })
  brief() {
    return 'done';
  }

  @McpTool({ name: 'endless', task: 'required' })
  endless(_: object, ctx: McpContext) {
    return new Promise((_resolve, reject) =>
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)),
    );
  }
}

let redis: RedisServer;
const data = new MemoryStoreData();
const apps: TestApp[] = [];
beforeAll(async () => (redis = await startRedis()));
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
afterAll(() => redis.dispose());

async function start(platform: Platform, store: Store | undefined): Promise<TestApp> {
  const state = store ? { store, requestStateSecret: 'x'.repeat(32) } : { tasks: new InMemoryTaskAdapter() };
  const app = await startTasks([Tools], state, platform);
  apps.push(app);
  return app;
}

describe.each<[string, () => Store | undefined]>([
  ['in memory', () => undefined],
  ['on a store in memory', () => new MemoryStore(data)],
  ['on Redis', () => new RedisStore({ url: redis.url, ...quiet('tasks') })],
])('tasks %s', (where, open) => {
  const both = async (platform: Platform): Promise<[TestApp, TestApp]> => {
    const first = await start(platform, open());
    return where === 'in memory' ? [first, first] : [first, await start(platform, open())];
  };

  describe.each(PLATFORMS)('%s', (platform) => {
    it('are made, looked at, answered and completed, at any instance', async () => {
      const [first, second] = await both(platform);
      const made = (await ask(first, 'tools/call', { name: 'greet', arguments: {} })).result;
      expect(made).toMatchObject({ resultType: 'task', status: 'working', ttlMs: 60_000 });
      const { taskId } = made;
      const asking = await until(second, taskId, 'input_required');
      expect(asking.statusMessage).toBe('halfway');
      const [key] = Object.keys(asking.inputRequests);
      const update = { taskId, inputResponses: { [key as string]: ANSWER } };
      expect((await ask(second, 'tasks/update', update)).result.resultType).toBe('complete');
      const { result } = await until(second, taskId, 'completed');
      expect(result.content).toEqual([{ type: 'text', text: 'Hello Ada' }]);
    });

    it('begin with the progress that their call has reported', async () => {
      const [first, second] = await both(platform);
      const made = (await ask(first, 'tools/call', { name: 'counting', arguments: {} })).result;
      expect(made).toMatchObject({ resultType: 'task', status: 'working', statusMessage: '2 of 3' });
      const { result } = await ask(second, 'tasks/get', { taskId: made.taskId });
      expect(result.statusMessage).toBe('2 of 3');
      await ask(second, 'tasks/cancel', { taskId: made.taskId });
    });

    it('are not there for others, and need the capability', async () => {
      const [app] = await both(platform);
      const { taskId } = (await ask(app, 'tools/call', { name: 'endless', arguments: {} })).result;
      const refusals = [
        await ask(app, 'tasks/get', { taskId }, { user: 'bob' }),
        await ask(app, 'tasks/cancel', { taskId }, { user: 'bob' }),
        await ask(app, 'tasks/update', { taskId, inputResponses: {} }, { user: 'bob' }),
        await ask(app, 'tasks/get', { taskId: 'unknown' }),
      ];
      expect(new Set(refusals.map(({ error }) => JSON.stringify(error))).size).toBe(1);
      expect(refusals[0].error.code).toBe(-32602);
      for (const method of ['tasks/get', 'tasks/cancel'])
        expect((await ask(app, method, { taskId }, { capabilities: {} })).error.code).toBe(-32021);
      const call = { name: 'endless', arguments: {} };
      expect((await ask(app, 'tools/call', call, { capabilities: {} })).error.code).toBe(-32021);
    });

    it('are cancelled at any instance', async () => {
      const [first, second] = await both(platform);
      const { taskId } = (await ask(first, 'tools/call', { name: 'endless', arguments: {} })).result;
      expect((await ask(second, 'tasks/cancel', { taskId })).result.resultType).toBe('complete');
      await until(second, taskId, 'cancelled');
    });

    it('are not made of calls that are done soon, and of others once the client has answered', async () => {
      const [app] = await both(platform);
      const brief = (await ask(app, 'tools/call', { name: 'brief', arguments: {} })).result;
      expect(brief.resultType).toBe('complete');
      const asked = (await ask(app, 'tools/call', { name: 'late', arguments: {} })).result;
      expect(asked.resultType).toBe('input_required');
      const [key] = Object.keys(asked.inputRequests);
      const { taskId } = (
        await ask(app, 'tools/call', {
          name: 'late',
          arguments: {},
          requestState: asked.requestState,
          inputResponses: { [key as string]: ANSWER },
        })
      ).result;
      const { result } = await until(app, taskId, 'completed');
      expect(result.content[0].text).toBe('accept');
    });

    it('fail when their instance is stopped, and are advertised', async () => {
      const [first, second] = await both(platform);
      const { result } = await ask(first, 'server/discover', {});
      expect(result.capabilities.extensions[TASKS_EXTENSION]).toEqual({});
      if (first === second) return;
      const { taskId } = (await ask(first, 'tools/call', { name: 'endless', arguments: {} })).result;
      await first.close();
      expect((await until(second, taskId, 'failed')).error.code).toBe(-32603);
    });
  });
});

it('refuses at the start a tool whose tasks would be kept nowhere', async () => {
  await expect(startApp({ imports: [McpModule.forRoot()], providers: [Tools] })).rejects.toThrow(
    'Give McpModule.forRoot() the option tasks',
  );
});
