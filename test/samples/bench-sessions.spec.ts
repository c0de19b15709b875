import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPoster, legacy } from '../support/http.js';
import { startRedis, type RedisServer } from '../support/redis.js';
import { START_TIMEOUT_MS, startProgram, type RunningProgram } from './support.js';

describe.each(['memory', 'redis'])('the benchmark server with sessions in: %s', (kind) => {
  let redis: RedisServer | undefined;
  let server: RunningProgram;

  beforeAll(async () => {
    if (kind === 'redis') redis = await startRedis();
    const env: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
    server = await startProgram(['test/bench/server/start.mjs', '--sessions', kind], env);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    await redis?.dispose();
  });

  it('keeps sessions, in which a tool may ask', async () => {
    const post = createPoster(server.url);
    const clientInfo = { name: 'bench', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const id = (await post(legacy('initialize', params))).headers.get('mcp-session-id');
    expect((await post(legacy('ping'))).status).toBe(400);
    const session = { 'mcp-session-id': String(id) };
    const { json } = await post(legacy('tools/call', { name: 'ask', arguments: { q: '?' } }), session);
    expect(json.result.isError).toBe(true);
    expect(json.result.content[0].text).toContain('does not support elicitation');
    if (redis) expect(redis.cli('EXISTS', `mcp:{${id}}`)).toBe('1');
  });
});
