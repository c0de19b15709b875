import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  ClientRequestAdapter,
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpHealthIndicator,
  McpModule,
  MemoryStore,
  MemoryStoreData,
  NotificationBus,
  SessionAdapter,
  Store,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import {
  StoreClientRequestAdapter,
  StoreNotificationBus,
  StoreSessionAdapter,
} from 'nestjs-mcp-adapters/adapters';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, toolsOf, type Script } from '../sessions/fixture.js';

const apps: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** Memory that several applications share, as processes share a database. */
class SharedStore extends MemoryStore {
  override readonly isShared = true;
}

const NAMED = { serverInfo: { name: 'shop', version: '1.0.0' } };
const SECRET = { requestStateSecret: 's'.repeat(32) };

const asks: Script = async (ctx) => {
  const answer = await ctx.elicit({ message: 'Name?', schema: { type: 'object' } });
  return JSON.stringify(answer);
};

async function start(mcp: McpModuleOptions, platform?: Platform): Promise<TestApp> {
  const app = await startApp({
    ...(platform && { platform }),
    imports: [McpModule.forRoot(mcp)],
    providers: [toolsOf({ asks })],
  });
  apps.push(app);
  return app;
}

describe.each(PLATFORMS)('the option store, on %s,', (platform) => {
  it('fills every seam: sessions, questions and announcements', async () => {
    const { app } = await start({ store: new MemoryStore() }, platform);
    expect(app.get(Store)).toBeInstanceOf(MemoryStore);
    expect(app.get(SessionAdapter)).toBeInstanceOf(StoreSessionAdapter);
    expect(app.get(ClientRequestAdapter)).toBeInstanceOf(StoreClientRequestAdapter);
    expect(app.get(NotificationBus)).toBeInstanceOf(StoreNotificationBus);
  });

  it('lets an answer arrive at another instance', async () => {
    const data = new MemoryStoreData();
    const options = () => ({ ...NAMED, ...SECRET, store: new SharedStore(data) });
    const [one, other] = [await start(options(), platform), await start(options(), platform)];
    const session = await SessionClient.open(one, { capabilities: { elicitation: {} } });
    const call = session.begin('asks');
    const question = await call.message(({ method }) => method === 'elicitation/create');
    const elsewhere = session.with({ url: other.url });
    expect((await elsewhere.answer(question, { action: 'decline' })).status).toBe(202);
    const { result } = await call.message(({ id, result }) => id !== question.id && result);
    expect(JSON.parse(result.content[0].text)).toEqual({ action: 'decline' });
  });
});

describe('the option store', () => {
  @Injectable()
  class OwnStore extends MemoryStore {}

  it.each<[string, () => NonNullable<McpModuleOptions['store']>]>([
    ['an instance', () => new OwnStore()],
    ['a class', () => OwnStore],
    ['useClass', () => ({ useClass: OwnStore })],
    ['useFactory', () => ({ useFactory: async () => new OwnStore() })],
  ])('takes %s', async (_, store) => {
    const { app } = await start({ store: store() });
    expect(app.get(Store)).toBeInstanceOf(OwnStore);
    expect(app.get(SessionAdapter)).toBeInstanceOf(StoreSessionAdapter);
  });

  it('takes useExisting, and comes from a factory of options', async () => {
    @Module({ providers: [OwnStore], exports: [OwnStore] })
    class StoreModule {}
    const app = await startApp({
      imports: [
        McpModule.forRootAsync({
          imports: [StoreModule],
          useFactory: () => ({ store: { useExisting: OwnStore } }),
        }),
      ],
    });
    apps.push(app);
    expect(app.app.get(Store)).toBe(app.app.get(OwnStore));
  });

  it('leaves a seam alone that is given', async () => {
    const sessionAdapter = new InMemorySessionAdapter();
    const clientRequestAdapter = new InMemoryClientRequestAdapter();
    const { app } = await start({ store: new MemoryStore(), sessionAdapter, clientRequestAdapter });
    expect(app.get(SessionAdapter)).toBe(sessionAdapter);
    expect(app.get(ClientRequestAdapter)).toBe(clientRequestAdapter);
    expect(app.get(NotificationBus)).toBeInstanceOf(StoreNotificationBus);
  });

  it('is overridden in a test by its token, and so is what it fills', async () => {
    class Closed extends MemoryStore {
      isOpen = false;
      override open() {
        this.isOpen = true;
        return super.open();
      }
    }
    const store = new Closed();
    const builder = Test.createTestingModule({ imports: [McpModule.forRoot({ store: new MemoryStore() })] });
    const module = await builder.overrideProvider(Store).useValue(store).compile();
    expect(store.isOpen).toBe(true);
    await module.get(SessionAdapter).create('there', { protocolVersion: '2025-11-25' });
    const onStore = new StoreSessionAdapter(store, { server: JSON.stringify({ info: 'mcp-server' }) });
    expect(await onStore.has('there')).toBe(true);
    await module.close();
  });

  it('is opened before and closed after everything else, once', async () => {
    const said: string[] = [];
    class Told extends MemoryStore {
      override async open() {
        said.push('open');
      }
      override async close() {
        said.push('close');
        await super.close();
      }
      override read(...given: Parameters<MemoryStore['read']>) {
        said.push('used');
        return super.read(...given);
      }
    }
    const app = await startSessions({
      mcp: {
        store: new Told(),
        sessionAdapter: undefined as never,
        clientRequestAdapter: undefined as never,
      },
    });
    await (await SessionClient.open(app)).request('ping');
    await app.close();
    expect([said[0], said.at(-1)]).toEqual(['open', 'close']);
    expect(said.filter((word) => word !== 'used')).toEqual(['open', 'close']);
  });

  describe('given to several servers as one instance', () => {
    class Counting extends MemoryStore {
      readonly said: string[] = [];
      override async open() {
        this.said.push('open');
      }
      override async close() {
        this.said.push('close');
        await super.close();
      }
    }

    it('is opened once for those of one application, and closed with it', async () => {
      const store = new Counting();
      const app = await startApp({
        imports: [
          McpModule.forRoot({ name: 'a', path: '/a', store }),
          McpModule.forRoot({ name: 'b', path: '/b', store }),
        ],
      });
      expect(store.said).toEqual(['open']);
      await app.close();
      expect(store.said).toEqual(['open', 'close']);
    });

    it('is not closed under another application', async () => {
      const store = new Counting();
      const [one, other] = [await start({ store }), await start({ store })];
      await one.close();
      expect(store.said).toEqual(['open']);
      const session = await SessionClient.open(other);
      expect((await session.request('ping')).status).toBe(200);
      await other.close();
      expect(store.said).toEqual(['open', 'close']);
    });

    it('is closed where it could not be opened, and opened anew', async () => {
      class Late extends Counting {
        override async open() {
          await super.open();
          if (this.said.length === 1) throw new Error('not yet');
        }
      }
      const store = new Late();
      await expect(start({ store })).rejects.toThrow('not yet');
      const app = await start({ store });
      await app.close();
      expect(store.said).toEqual(['open', 'close', 'open', 'close']);
    });
  });

  it('that cannot be opened keeps the application from starting', async () => {
    class Unready extends MemoryStore {
      override open(): Promise<void> {
        return Promise.reject(new Error('The table is missing: run migrate()'));
      }
    }
    await expect(start({ store: new Unready() })).rejects.toThrow('The table is missing: run migrate()');
  });

  it.each([
    [
      'a shared one without a name of the server',
      { store: new SharedStore() },
      /option serverInfo is missing/,
    ],
    ['what is no store', { store: {} as Store }, /option store: Object has no method open\(\)/],
    [
      'a shared one without a secret for what clients carry',
      { store: new SharedStore(), ...NAMED },
      /option requestStateSecret is missing/,
    ],
  ])('refuses %s when the application starts', async (_, options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });

  it('is what the health of a server tells of, with what it says of itself', async () => {
    class Limping extends MemoryStore {
      override get details() {
        return { notifications: 'polled' };
      }
    }
    const { app } = await start({ store: new Limping() });
    expect(await app.get(McpHealthIndicator).isHealthy()).toEqual({
      mcp: { status: 'up', store: 'up', storeDetails: { notifications: 'polled' } },
    });
  });
});

describe('servers that share a store', () => {
  const servers: [string, McpModuleOptions, McpModuleOptions][] = [
    ['different names', { ...NAMED, name: 'a' }, { ...NAMED, name: 'b' }],
    ['different serverInfo', NAMED, { serverInfo: { name: 'bank', version: '1.0.0' } }],
    [
      'a name that is the other serverInfo',
      { ...NAMED, name: 'bank' },
      { serverInfo: { name: 'bank', version: '1' } },
    ],
  ];

  it.each(servers)('of %s do not know, read or end the sessions of each other', async (_, one, two) => {
    const data = new MemoryStoreData();
    const [a, b] = [
      await start({ ...one, ...SECRET, store: new SharedStore(data) }),
      await start({ ...two, ...SECRET, store: new SharedStore(data) }),
    ];
    const session = await SessionClient.open(a);
    const foreign = session.with({ url: b.url });
    expect((await foreign.request('ping')).status).toBe(404);
    expect((await foreign.delete()).status).toBe(404);
    expect((await session.request('ping')).status).toBe(200);
    const heard: unknown[] = [];
    const stop = await b.app.get(NotificationBus).subscribe((event) => void heard.push(event));
    await a.app.get(NotificationBus).publish({ type: 'resource_updated', server: '', uri: 'x:' });
    await b.app.get(NotificationBus).publish({ type: 'resource_updated', server: '', uri: 'y:' });
    expect(heard).toEqual([{ type: 'resource_updated', server: '', uri: 'y:' }]);
    await stop();
  });

  it('of the same name and another version are instances of one', async () => {
    const data = new MemoryStoreData();
    const [a, b] = [
      await start({ ...NAMED, ...SECRET, store: new SharedStore(data) }),
      await start({
        serverInfo: { name: 'shop', version: '2.0.0' },
        ...SECRET,
        store: new SharedStore(data),
      }),
    ];
    const session = await SessionClient.open(a);
    expect((await session.with({ url: b.url }).request('ping')).status).toBe(200);
  });
});
