import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { malformedRequest } from './malformed.arbitrary.js';
import { exchangeRaw, type RawAnswer } from './raw-socket.js';
import { startTransport, type TransportApp } from './fixture.js';

/** Requests on their way at the same time. */
const AT_ONCE = 10;
const ROUNDS = 300;

describe.each(PLATFORMS)('malformed requests on %s', (platform) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, {}, { wire: 'server' });
  });
  afterAll(() => app.close());

  function expectProper({ status, text, type }: RawAnswer) {
    expect([200, 202, 400, 403, 404, 405, 413, 415]).toContain(status);
    if (status === 202) return expect(text).toBe('');
    if (status !== 200) {
      const { id, ...answer } = JSON.parse(text);
      expect(id === null ? 'none' : typeof id).toMatch(/^(none|string|number)$/);
      expect(answer).toEqual({
        jsonrpc: '2.0',
        error: expect.objectContaining({ code: expect.any(Number), message: expect.any(String) }),
      });
    } else if (type !== 'text/event-stream') {
      expect(JSON.stringify(JSON.parse(text))).toContain('"jsonrpc":"2.0"');
    }
  }

  it('get proper answers, and the server goes on serving', async () => {
    const requests = fc.array(malformedRequest, { minLength: AT_ONCE, maxLength: AT_ONCE });
    await fc.assert(
      fc.asyncProperty(requests, async (batch) => {
        const answers = await Promise.all(batch.map((request) => exchangeRaw(app.url, request)));
        for (const answer of answers) expectProper(answer);
      }),
      { numRuns: ROUNDS },
    );
    expect((await app.post(legacy('tools/list'))).json.result.tools).toHaveLength(3);
    expect((await app.post(...modern('tools/list'))).json.result.tools).toHaveLength(3);
  }, 60_000);

  it.each([
    ['deep arrays', '['.repeat(1_000_000)],
    ['deep arrays that end', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['deep objects', '{"a":'.repeat(200_000)],
    ['a long number', `{"jsonrpc":"2.0","method":"ping","id":${'9'.repeat(1_000_000)}}`],
    ['a long string', `"${'\\u0000'.repeat(500_000)}"`],
    ['many keys', `{${Array.from({ length: 100_000 }, (_, key) => `"${key}":0`).join(',')}}`],
    ['many equal keys', `{${'"id":1,'.repeat(100_000)}"id":2}`],
  ])('of %s are refused', async (_, body) => {
    const answer = await app.post(body);
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBeLessThan(0);
  });

  it('of arguments nested as deep as may be are answered', async () => {
    const call = JSON.stringify(legacy('tools/call', { name: 'echo', arguments: { deep: 0 } }, 1));
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const answer = await app.post(call.replace('0}', `${nested(250)}}`));
    expect(answer.status).toBe(200);
    expect(answer.json.id).toBe(1);
    expect((await app.post(call.replace('0}', `${nested(50_000)}}`))).status).toBe(400);
  });

  it('that are no HTTP at all do not disturb others', async () => {
    for (const head of [
      '\0\0\0',
      'POST /mcp\r\n\r\n',
      'POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    ]) {
      const { status } = await exchangeRaw(app.url, { head, body: '' });
      expect([400, 403]).toContain(status);
    }
    expect((await app.post(legacy('ping', {}, 1))).json.result).toEqual({});
  });
});
