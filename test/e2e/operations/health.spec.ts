import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { TerminusModule } from '@nestjs/terminus';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpHealthIndicator,
  McpModule,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { startRedis } from '../../support/redis.js';
import { HealthController } from './health.module.js';

const warnings: string[] = [];
const logger = {
  log: () => {},
  error: () => {},
  warn: (text: string) => void warnings.push(text),
};

let app: TestApp;

afterEach(async () => {
  warnings.length = 0;
  await app.close();
});

async function start(options: McpModuleOptions, platform?: Platform): Promise<TestApp> {
  app = await startApp({
    ...(platform && { platform }),
    imports: [McpModule.forRoot({ ...options, logger }), TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
  });
  return app;
}

async function check() {
  const response = await fetch(`${app.origin}/health`);
  return { status: response.status, ...((await response.json()) as { details: object }) };
}

describe('the health of a server', () => {
  it.each(PLATFORMS)('is good without adapters, on %s', async (platform) => {
    await start({}, platform);
    expect(await check()).toMatchObject({
      status: 'ok',
      details: { mcp: { status: 'up', notificationBus: 'up' } },
    });
  });

  it('names the adapters there are', async () => {
    await start({
      sessionAdapter: new InMemorySessionAdapter(),
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
    });
    expect((await check()).details).toEqual({
      mcp: { status: 'up', sessionAdapter: 'up', clientRequestAdapter: 'up', notificationBus: 'up' },
    });
  });

  it.each(PLATFORMS)('is bad while Redis is stopped, and good again after it, on %s', async (platform) => {
    const redis = await startRedis();
    await start(
      {
        store: redisStore({ url: redis.url, commandTimeoutMs: 200, logger }),
        serverInfo: { name: 'test', version: '1.0.0' },
        requestStateSecret: 's'.repeat(32),
      },
      platform,
    );
    expect(await check()).toMatchObject({ details: { mcp: { status: 'up', store: 'up' } } });

    await redis.stop();
    const stopped = await fetch(`${app.origin}/health`);
    expect(stopped.status).toBe(503);
    const body = await stopped.text();
    expect(JSON.parse(body)).toMatchObject({
      error: { mcp: { status: 'down', store: 'down' } },
    });
    expect(body).not.toContain(String(redis.port));
    expect(warnings).toContainEqual(expect.stringMatching(/^Health check: store cannot be reached .*Redis/));

    await redis.start();
    while ((await fetch(`${app.origin}/health`)).status !== 200) await delay(20);
    await redis.dispose();
  });

  it('is bad when an adapter does not answer in time', async () => {
    class SilentAdapter extends InMemorySessionAdapter {
      override ping(): Promise<void> {
        return new Promise(() => {});
      }
    }
    await start({ sessionAdapter: new SilentAdapter() });
    const health = await app.app.get(McpHealthIndicator).isHealthy('mcp', { timeoutMs: 20 });
    expect(health.mcp).toEqual({ status: 'down', sessionAdapter: 'down', notificationBus: 'up' });
  });

  it('asks adapters of the plainest kind for what they can answer', async () => {
    let isReachable = true;
    const sessions = new InMemorySessionAdapter();
    const reach = <T>(answer: T): T => {
      if (!isReachable) throw new Error('connection refused');
      return answer;
    };
    await start({
      sessionAdapter: {
        generateSessionId: () => sessions.generateSessionId(),
        create: (id, meta) => sessions.create(id, meta),
        has: (id) => reach(sessions.has(id)),
        get: (id) => sessions.get(id),
        appendEvent: (...event: [string, string, unknown]) => sessions.appendEvent(...event),
        replay: (id, last, write) => sessions.replay(id, last, write),
        delete: (id) => sessions.delete(id),
      },
      clientRequestAdapter: {
        createPending: () => ({ promise: new Promise(() => {}) }),
        resolvePending: () => false,
        rejectPending: () => reach(false),
      },
      requestStateSecret: 's'.repeat(32),
    });
    const indicator = app.app.get(McpHealthIndicator);
    expect((await indicator.isHealthy()).mcp.status).toBe('up');
    isReachable = false;
    expect((await indicator.isHealthy()).mcp).toMatchObject({
      status: 'down',
      sessionAdapter: 'down',
      clientRequestAdapter: 'down',
    });
  });

  it('is bad as soon as the application begins to close', async () => {
    const module = await Test.createTestingModule({ imports: [McpModule.forRoot()] }).compile();
    app = await start({});
    const indicator = module.get(McpHealthIndicator);
    expect((await indicator.isHealthy()).mcp.status).toBe('up');
    await module.get(StreamableHttpTransport).close();
    expect((await indicator.isHealthy()).mcp.status).toBe('down');
  });
});
