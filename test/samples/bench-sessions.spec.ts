import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPoster, legacy } from '../support/http.js';
import { START_TIMEOUT_MS, startProgram, type RunningProgram } from './support.js';

describe('the benchmark server with sessions in memory', () => {
  let server: RunningProgram;

  beforeAll(async () => {
    server = await startProgram(['test/bench/server/start.mjs', '--sessions', 'memory']);
  }, START_TIMEOUT_MS);
  afterAll(() => server?.stop());

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
  });
});
