import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { McpConfigurationError, McpModule, Store } from 'nestjs-mcp-adapters';
import { redisStore, RedisStore } from 'nestjs-mcp-adapters/redis';
import { freePort, startRedis, type RedisServer } from '../support/redis.js';
import { Log, until } from './support.js';

const shared = {
  serverInfo: { name: 'start', version: '1.0.0' },
  requestStateSecret: 'the secret that all instances of this test share',
};

let server: RedisServer;
const clients: Redis[] = [];

beforeAll(async () => void (server = await startRedis()));

afterAll(() => server.dispose());

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

/** Connections to the server that are not its own command line. */
function connections(): number {
  return server
    .cli('CLIENT', 'LIST')
    .split('\n')
    .filter((line) => !line.includes('cmd=client')).length;
}

async function ownClient(): Promise<Redis> {
  const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true });
  clients.push(client);
  await client.connect();
  return client;
}

describe('redisStore', () => {
  it('gives an application two connections, and takes them back', async () => {
    const client = await ownClient();
    const module = await Test.createTestingModule({
      imports: [McpModule.forRoot({ store: redisStore({ client }), ...shared })],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect(module.get(Store)).toBeInstanceOf(RedisStore);
    expect(connections()).toBe(3);
    await app.close();
    await until(() => connections() === 1, 'the connections to be closed');
    expect(await client.ping()).toBe('PONG');
  });

  it('is built by Nest from a client of the application', async () => {
    const client = await ownClient();
    @Global()
    @Module({ providers: [{ provide: 'REDIS', useValue: client }], exports: ['REDIS'] })
    class RedisModule {}

    const store = { useFactory: (given: Redis) => redisStore({ client: given }), inject: ['REDIS'] };
    const mcp = McpModule.forRoot({ store, ...shared });
    const module = await Test.createTestingModule({ imports: [RedisModule, mcp] }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect(connections()).toBe(3);
    await app.close();
    await until(() => connections() === 1, 'the connections to be closed');
  });

  it('lets an application without a Redis fail when it starts', async () => {
    const log = new Log();
    const url = `redis://127.0.0.1:${await freePort()}`;
    const store = redisStore({ url, connectTimeoutMs: 300, logger: log.logger });
    const building = Test.createTestingModule({
      imports: [McpModule.forRoot({ store, ...shared })],
    }).compile();
    await expect(building).rejects.toThrow(/There is no Redis to connect to within 300 ms/);
  });

  it('names the reason each time that it tries in vain', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const store = redisStore({ url, connectTimeoutMs: 300, logger: new Log().logger });
    for (const attempt of [store.open(), store.open().catch(() => store.open())]) {
      await expect(attempt).rejects.toThrow(/ECONNREFUSED/);
    }
    await store.close();
  });

  it('leaves nothing of an application that cannot start, and can be closed all the same', async () => {
    const log = new Log();
    const store = redisStore({
      url: server.url,
      connectTimeoutMs: 300,
      commandTimeoutMs: 300,
      logger: log.logger,
    });
    const module = await Test.createTestingModule({
      imports: [McpModule.forRoot({ store, ...shared })],
    }).compile();
    const app = module.createNestApplication();
    expect(connections()).toBe(1);
    await server.stop();
    await expect(app.init()).rejects.toMatchObject({ code: 'MCP_ADAPTER_UNAVAILABLE' });
    await server.start();
    await expect(store.ping()).rejects.toThrow(/closed/);
    await app.close();
    expect(connections()).toBe(0);
    expect(log.warnings).toHaveLength(1);
  });

  it('says at once that Redis refuses the password', async () => {
    const log = new Log();
    server.cli('CONFIG', 'SET', 'requirepass', 'secret');
    try {
      for (const [password, reason] of [
        ['', /NOAUTH/],
        [':wrong@', /WRONGPASS/],
      ] as const) {
        const store = redisStore({ url: `redis://${password}127.0.0.1:${server.port}`, logger: log.logger });
        const building = Test.createTestingModule({
          imports: [McpModule.forRoot({ store, ...shared })],
        }).compile();
        await expect(building).rejects.toThrow(McpConfigurationError);
        await expect(building).rejects.toThrow(reason);
      }
    } finally {
      server.cli('-a', 'secret', 'CONFIG', 'SET', 'requirepass', '');
    }
  });

  it('wants to know how to reach Redis, in one way', () => {
    expect(() => redisStore({})).toThrow('exactly one of the options client, url and nodes');
    expect(() => redisStore({ url: 'redis://a', nodes: [] })).toThrow('exactly one of the options');
  });
});

describe('a Redis that evicts', () => {
  it.each([
    ['allkeys-lru', 1],
    ['volatile-ttl', 1],
    ['noeviction', 0],
  ])('with %s makes %i warnings', async (policy, warnings) => {
    server.cli('CONFIG', 'SET', 'maxmemory-policy', policy);
    const log = new Log();
    const store = redisStore({ url: server.url, logger: log.logger });
    await store.open();
    expect(log.warnings).toHaveLength(warnings);
    for (const warning of log.warnings) expect(warning).toContain(`maxmemory-policy ${policy}`);
    await store.close();
  });
});
