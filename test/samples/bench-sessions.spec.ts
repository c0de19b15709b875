import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPoster, legacy } from '../support/http.js';
import { startNats } from '../support/nats.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import { START_TIMEOUT_MS, startProgram, type RunningProgram } from './support.js';

/** A server of the kind, and the variable that says where it is. */
async function startStore(kind: string) {
  if (kind === 'memory') return undefined;
  if (kind === 'redis') return { server: await startRedis(), name: 'REDIS_URL' };
  if (kind === 'postgres') return { server: await startPostgres(), name: 'DATABASE_URL' };
  return { server: await startNats(), name: 'NATS_URL' };
}

describe.each(['memory', 'redis', 'postgres', 'nats'])(
  'the benchmark server with sessions in: %s',
  (kind) => {
    let store: Awaited<ReturnType<typeof startStore>>;
    let server: RunningProgram;
    let other: RunningProgram;

    beforeAll(async () => {
      store = await startStore(kind);
      const env: Record<string, string> = store ? { [store.name]: store.server.url } : {};
      const start = () => startProgram(['test/bench/server/start.mjs', '--sessions', kind], env);
      server = await start();
      other = await start();
    }, START_TIMEOUT_MS);
    afterAll(async () => {
      await server?.stop();
      await other?.stop();
      await store?.server.dispose();
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
      const elsewhere = await createPoster(other.url)(legacy('ping'), session);
      expect(elsewhere.status).toBe(kind === 'memory' ? 404 : 200);
    });
  },
);
