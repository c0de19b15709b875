import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPoster, legacy, modern, type Poster } from '../support/http.js';
import { START_TIMEOUT_MS, startProgram, type RunningProgram } from './support.js';

describe.each(['express', 'fastify'])('the benchmark server on %s', (platform) => {
  let server: RunningProgram;
  let post: Poster;

  beforeAll(async () => {
    server = await startProgram(['test/bench/server/start.mjs', '--platform', platform, '--tools', '50']);
    post = createPoster(server.url);
  }, START_TIMEOUT_MS);

  afterAll(() => server?.stop());

  it('says where it listens and nothing else', () => {
    expect(server.output()).toBe(`listening on ${server.url}\n`);
    expect(server.url).toMatch(/\/mcp$/);
  });

  it('offers as many tools as asked for', async () => {
    const { json } = await post(legacy('tools/list'));
    const names = json.result.tools.map(({ name }: { name: string }) => name);
    expect(names).toHaveLength(50);
    expect(names).toEqual(expect.arrayContaining(['echo', 'progress', 'ask', 'tool_1', 'tool_47']));
  });

  it('echoes in both eras', async () => {
    const call = { name: 'echo', arguments: { text: 'hello' } };
    for (const answer of [
      await post(legacy('tools/call', call)),
      await post(...modern('tools/call', call)),
    ]) {
      expect(answer.json.result.content).toEqual([{ type: 'text', text: 'hello' }]);
    }
  });

  it('reports progress so many times', async () => {
    const params = { name: 'progress', arguments: { steps: 20 }, _meta: { progressToken: 1 } };
    const { messages } = await post(legacy('tools/call', params));
    expect(messages).toHaveLength(21);
  });
});

it(
  'has three tools at least',
  async () => {
    const server = await startProgram(['test/bench/server/start.mjs', '--tools', '0']);
    const { json } = await createPoster(server.url)(legacy('tools/list'));
    expect(json.result.tools).toHaveLength(3);
    await server.stop();
  },
  START_TIMEOUT_MS,
);
