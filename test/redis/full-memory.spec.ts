import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { initialize, SessionClient } from '../support/session-client.js';
import { startSessions } from '../e2e/sessions/fixture.js';
import type { TestApp } from '../support/app.js';
import { quiet } from '../support/redis-matrix.js';
import { startRedis, type RedisServer } from '../support/redis.js';

describe('a server whose Redis has no memory left', () => {
  let redis: RedisServer;
  let app: TestApp;
  let client: SessionClient;

  beforeEach(async () => {
    redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
    app = await startSessions({
      tools: { report: (ctx) => ctx.progress(1).then(() => 'reported') },
      mcp: {
        serverInfo: { name: 'full', version: '1.0.0' },
        store: redisStore({ url: redis.url, ...quiet('full') }),
        requestStateSecret: 'x'.repeat(32),
        logger: { log() {}, warn() {}, error() {} },
      },
    });
    client = await SessionClient.open(app);
    redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
  });
  afterEach(async () => {
    redis.cli('CONFIG', 'SET', 'maxmemory', '0');
    await app.close();
    await redis.dispose();
  });

  it.each([
    ['begin a session', () => initialize(app.url)],
    ['keep state', () => client.request('logging/setLevel', { level: 'info' })],
    ['open a stream', () => client.get({ accept: 'text/event-stream' })],
  ])('is unavailable for those who want to %s', async (_, send) => {
    const answer = await send();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
  });

  it('answers a call that has begun, whose messages find no room', async () => {
    const { status, json } = await client.call('report', {}, { progressToken: 1 });
    expect(status).toBe(200);
    expect(json.result.isError).toBe(true);
  });

  it('serves what needs no room', async () => {
    expect((await client.request('ping')).status).toBe(200);
    expect((await client.call('echo', { a: 1 })).status).toBe(200);
  });

  it('ends sessions, and says so', async () => {
    expect((await client.delete()).status).toBe(204);
    expect((await client.request('ping')).status).toBe(404);
  });

  it('goes on as soon as there is room', async () => {
    expect((await initialize(app.url)).status).toBe(503);
    redis.cli('CONFIG', 'SET', 'maxmemory', '0');
    expect((await initialize(app.url)).status).toBe(200);
    expect((await client.call('report', {}, { progressToken: 1 })).status).toBe(200);
  });
});
