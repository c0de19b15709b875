import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { legacy, modern } from '../../support/http.js';
import { SETUPS, startTransport, type TransportApp } from './fixture.js';

const PROGRESS = { progressToken: 'p' };

/** The same call as each era makes it. */
const ERAS = [
  {
    era: 'legacy',
    call: (name: string, accept?: string): [object, Record<string, string>] => [
      legacy('tools/call', { name, arguments: { to: 2 }, _meta: PROGRESS }, 'the id'),
      accept === undefined ? {} : { accept },
    ],
  },
  {
    era: 'modern',
    call: (name: string, accept?: string): [object, Record<string, string>] => {
      const [body, headers] = modern(
        'tools/call',
        { name, arguments: { to: 2 } },
        { id: 'the id', meta: PROGRESS },
      );
      return [body, accept === undefined ? headers : { ...headers, accept }];
    },
  },
] as const;

describe.each(SETUPS)('answers on $title', ({ platform, nest, mount }) => {
  let app: TransportApp;
  beforeAll(async () => {
    app = await startTransport(platform, { mount }, { nest });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('$era', ({ call }) => {
    it('answers a call that streams nothing with JSON', async () => {
      const answer = await app.post(...call('echo'));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(answer.text));
      expect(answer.json).toMatchObject({
        jsonrpc: '2.0',
        id: 'the id',
        result: { content: [{ text: '{"to":2}' }] },
      });
    });

    it('answers a call that reports progress with a stream that ends with the result', async () => {
      const answer = await app.post(...call('count'));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      expect(answer.headers.get('x-accel-buffering')).toBe('no');
      expect(answer.headers.get('cache-control')).toContain('no-cache');
      expect(answer.messages.map(({ method, id }) => method ?? id)).toEqual([
        'notifications/progress',
        'notifications/progress',
        'the id',
      ]);
      expect(answer.messages[0].params).toEqual({ progressToken: 'p', progress: 1, total: 2 });
      expect(answer.json.result.content).toEqual([{ type: 'text', text: 'counted to 2' }]);
    });

    it('opens the stream at once for a client that takes nothing else', async () => {
      const answer = await app.post(...call('echo', 'text/event-stream'));
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      expect(answer.text).toMatch(/^:\n\n/);
      expect(answer.messages).toHaveLength(1);
      expect(answer.json.id).toBe('the id');
    });

    it.each(['application/json', 'application/*'])(
      'drops progress for a client that takes %s only',
      async (accept) => {
        const answer = await app.post(...call('count', accept));
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(answer.json.result.content).toEqual([{ type: 'text', text: 'counted to 2' }]);
      },
    );

    it('sends no session id and no trace of the server', async () => {
      const [body, headers] = call('echo');
      const answer = await app.post(body, { ...headers, 'mcp-session-id': 'stale', 'last-event-id': '7' });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    });
  });

  it.each(['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28', undefined])(
    'accepts a notification of %s with 202 and nothing else',
    async (version) => {
      const answer = await app.post(
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        version === undefined ? {} : { 'mcp-protocol-version': version },
      );
      expect([answer.status, answer.text]).toEqual([202, '']);
      expect(answer.headers.get('content-type')).toBeNull();
    },
  );

  it('accepts a notification from a client that takes streams only', async () => {
    const answer = await app.post(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      { accept: 'text/event-stream' },
    );
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('echoes ids of every kind as they are', async () => {
    for (const id of [0, -1, Number.MAX_SAFE_INTEGER, '', '0', 'ä\n\u0000"\\\u2028', '__proto__']) {
      const answer = await app.post(legacy('ping', undefined, id));
      expect(answer.json).toEqual({ jsonrpc: '2.0', id, result: {} });
    }
  });
});
