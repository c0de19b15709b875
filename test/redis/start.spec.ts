import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { ClientRequestAdapter, McpModule, NotificationBus, SessionAdapter } from 'nestjs-mcp-adapters';
import {
  redisAdapters,
  RedisClientRequestAdapter,
  RedisConnections,
  RedisNotificationBus,
  RedisSessionAdapter,
} from 'nestjs-mcp-adapters/redis';
import { freePort, startRedis, type RedisServer } from '../support/redis.js';
import { Log, until } from './support.js';

const requestStateSecret = 'the secret that all instances of this test share';

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

describe('redisAdapters', () => {
  it('give an application two connections, and take them back', async () => {
    const client = await ownClient();
    const module = await Test.createTestingModule({
      imports: [McpModule.forRoot({ ...redisAdapters({ client }), requestStateSecret })],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect(module.get(SessionAdapter)).toBeInstanceOf(RedisSessionAdapter);
    expect(module.get(ClientRequestAdapter)).toBeInstanceOf(RedisClientRequestAdapter);
    expect(module.get(NotificationBus)).toBeInstanceOf(RedisNotificationBus);
    expect(connections()).toBe(3);
    await app.close();
    await until(() => connections() === 1, 'the connections to be closed');
    expect(await client.ping()).toBe('PONG');
  });

  it('are built by Nest from a client of the application', async () => {
    const client = await ownClient();
    @Global()
    @Module({
      providers: [
        { provide: 'REDIS', useValue: client },
        {
          provide: RedisConnections,
          useFactory: (given: Redis) => new RedisConnections({ client: given }),
          inject: ['REDIS'],
        },
      ],
      exports: [RedisConnections],
    })
    class RedisModule {}

    const mcp = McpModule.forRoot({
      sessionAdapter: RedisSessionAdapter,
      clientRequestAdapter: { useClass: RedisClientRequestAdapter },
      notificationBus: {
        useFactory: (shared: RedisConnections) => new RedisNotificationBus(shared),
        inject: [RedisConnections],
      },
      requestStateSecret,
    });
    const module = await Test.createTestingModule({ imports: [RedisModule, mcp] }).compile();
    const app = module.createNestApplication();
    await app.init();
    expect(connections()).toBe(3);
    await app.close();
    await until(() => connections() === 1, 'the connections to be closed');
  });

  it('let an application without a Redis fail when it starts', async () => {
    const log = new Log();
    const url = `redis://127.0.0.1:${await freePort()}`;
    const adapters = redisAdapters({ url, connectTimeoutMs: 300, logger: log.logger });
    const module = await Test.createTestingModule({
      imports: [McpModule.forRoot({ ...adapters, requestStateSecret })],
    }).compile();
    await expect(module.createNestApplication().init()).rejects.toThrow(
      /There is no Redis to connect to within 300 ms/,
    );
  });

  it('want to know how to reach Redis, in one way', () => {
    expect(() => redisAdapters({})).toThrow('exactly one of the options client, url and nodes');
    expect(() => redisAdapters({ url: 'redis://a', nodes: [] })).toThrow('exactly one of the options');
    expect(() => redisAdapters({ url: 'redis://a', maxEventsPerStream: 0 })).toThrow('maxEventsPerStream');
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
    const shared = new RedisConnections({ url: server.url, logger: log.logger });
    await shared.connect();
    expect(log.warnings).toHaveLength(warnings);
    for (const warning of log.warnings) expect(warning).toContain(`maxmemory-policy ${policy}`);
    await shared.close();
  });
});
