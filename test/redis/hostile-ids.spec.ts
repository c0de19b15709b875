import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { SessionClient } from '../support/session-client.js';
import { startSessions } from '../e2e/sessions/fixture.js';
import type { TestApp } from '../support/app.js';
import { legacy } from '../support/http.js';
import { startRedisCluster, type RedisClusterServers } from '../support/redis-cluster.js';
import { quiet } from '../support/redis-matrix.js';

/** Ids that mean something to a Cluster, to patterns, or to the names that adapters make. */
const IDS = [
  '}',
  '{',
  '{}',
  '{}}',
  '}{',
  'a}b{c',
  '{a}:session',
  ':session',
  '*',
  '?',
  '#',
  '%00',
  '..',
  '__proto__',
];
const LONGEST = '}'.repeat(256);

describe('a Cluster, given the ids of sessions that nobody has begun', () => {
  let cluster: RedisClusterServers;
  let app: TestApp;
  let client: SessionClient;

  beforeAll(async () => {
    cluster = await startRedisCluster();
    const template = new Cluster([...cluster.nodes], { lazyConnect: true });
    app = await startSessions({
      mcp: {
        serverInfo: { name: 'hostile', version: '1.0.0' },
        store: redisStore({ client: template, ...quiet('hostile') }),
        requestStateSecret: 'x'.repeat(32),
      },
    });
    client = await SessionClient.open(app);
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await cluster?.dispose();
  });

  it.each([...IDS, LONGEST])('answers 404 to everything with %s', async (id) => {
    const hostile = new SessionClient(app.url, id, { ...client.headers, 'mcp-session-id': id });
    const answers = [
      await hostile.request('ping'),
      await hostile.post(legacy('tools/call', { name: 'echo', arguments: {} })),
      await hostile.get({ accept: 'text/event-stream', 'last-event-id': `1.x#${id}` }),
      await hostile.answer({ id }, {}),
      await hostile.delete(),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });

  it.each([...IDS, LONGEST])(
    'serves a session whose requests, answers and positions are named %s',
    async (id) => {
      expect((await client.call('echo', {}, { id })).status).toBe(200);
      expect((await client.answer({ id }, {})).status).toBe(400);
      expect((await client.notify('notifications/cancelled', { requestId: id })).status).toBe(202);
      expect((await client.get({ accept: 'text/event-stream', 'last-event-id': id })).status).toBe(400);
      expect((await client.request('ping')).status).toBe(200);
    },
  );
});
