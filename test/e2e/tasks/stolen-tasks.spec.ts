import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpTool, MemoryStore, MemoryStoreData, type McpContext, type Store } from 'nestjs-mcp-adapters';
import { storeFromEnvironment } from '../../multi-instance/fixture/store.js';
import { modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { startStore, STORE_NAMES, type StoreName, type StoreServer } from '../../support/stores.js';
import type { TestApp } from '../../support/app.js';
import { ANSWER, ask, call, CAPABLE, FORM, startTasks, until } from './support.js';

@Injectable()
class Tools {
  @McpTool({ name: 'greet', task: { mode: 'required', restartable: true } })
  async greet(_: object, ctx: McpContext) {
    await ctx.elicit({ message: 'Who?', schema: FORM, key: 'who' });
    return 'done';
  }

  @McpTool({ name: 'keep' })
  keep(_: object, ctx: McpContext) {
    return ctx.handles('cart').create('secret', { ttlMs: 60_000 });
  }

  @McpTool({ name: 'look', input: { type: 'object', properties: { id: { type: 'string' } } } })
  look({ id = '' }: { id?: string }, ctx: McpContext) {
    return ctx.handles<string>('cart').get(id);
  }
}

const SERVERS = ['shop', 'bank', undefined];
const USERS = ['ada', 'bob', ''];
const UNKNOWN = { code: -32602, message: 'There is no such task; it may have expired' };

describe.each(['memory', ...STORE_NAMES])(
  'tasks and handles of several servers and principals on %s',
  (name) => {
    let server: StoreServer | undefined;
    const apps = new Map<string | undefined, TestApp>();

    beforeAll(async () => {
      const data = new MemoryStoreData();
      if (name !== 'memory') server = await startStore(name as StoreName);
      Object.assign(process.env, server?.env);
      for (const each of SERVERS) {
        const store: Store = server ? await storeFromEnvironment() : new MemoryStore(data);
        const mcp = { store, requestStateSecret: 'x'.repeat(32), ...(each !== undefined && { name: each }) };
        apps.set(each, await startTasks([Tools], mcp));
      }
    }, 120_000);

    afterAll(async () => {
      for (const app of apps.values()) await app.close();
      await server?.dispose();
    }, 60_000);

    it('are found by nobody but their owner, by no method and no subscription', async () => {
      const callers = SERVERS.flatMap((each) =>
        USERS.map((user) => ({ where: each, app: apps.get(each) as TestApp, user })),
      );
      const made = await Promise.all(
        callers.map(async ({ app, user }) => ({
          taskId: (await call(app, 'greet', {}, { user })).result.taskId as string,
          handle: (await call(app, 'keep', {}, { user })).result.content[0].text as string,
        })),
      );
      let attempts = 0;
      for (const [owner, { taskId, handle }] of made.entries()) {
        for (const [thief, { app, user }] of callers.entries()) {
          if (thief === owner) continue;
          attempts++;
          const inputResponses = { who: ANSWER };
          const answers = [
            await ask(app, 'tasks/get', { taskId }, { user }),
            await ask(app, 'tasks/update', { taskId, inputResponses }, { user }),
            await ask(app, 'tasks/cancel', { taskId }, { user }),
            // The id of something else names no task.
            await ask(app, 'tasks/get', { taskId: handle }, { user }),
          ];
          expect(answers.map(({ error }) => error)).toEqual(answers.map(() => UNKNOWN));
          for (const id of [handle, taskId, `cart_${taskId}`])
            expect((await call(app, 'look', { id }, { user })).result.isError).toBe(true);
        }
      }
      expect(attempts).toBe(72);
      const all = made.map(({ taskId }) => taskId);
      for (const [index, { app, user }] of callers.entries()) {
        const params = { notifications: { taskIds: all } };
        const [body, headers] = modern('subscriptions/listen', params, { id: 'sub', capabilities: CAPABLE });
        const exchange = new RawExchange(app.url, {
          method: 'POST',
          body,
          headers: { ...headers, 'x-user': user },
        });
        const isAgreed = ({ method }: any) => method === 'notifications/subscriptions/acknowledged';
        const own = (made[index] as { taskId: string }).taskId;
        expect((await exchange.message(isAgreed)).params.notifications).toEqual({ taskIds: [own] });
        const told = await exchange.message(({ method }) => method === 'notifications/tasks');
        expect(told.params.taskId).toBe(own);
        exchange.cut();
      }
      // Nothing of all this has done anything.
      for (const [index, { app, user }] of callers.entries()) {
        const { taskId, handle } = made[index] as (typeof made)[number];
        await until(app, taskId, 'input_required', { user });
        expect((await call(app, 'look', { id: handle }, { user })).result.content[0].text).toBe('secret');
        await ask(app, 'tasks/update', { taskId, inputResponses: { who: ANSWER } }, { user });
        await until(app, taskId, 'completed', { user });
      }
    }, 120_000);
  },
);
