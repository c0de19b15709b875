import { afterEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpTool,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { modern, send } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, until } from '../sessions/fixture.js';

let app: TestApp;
afterEach(() => app.close());

const stats = () => app.app.get(StreamableHttpTransport).stats();

/** Counts the questions that wait. */
class Questions extends InMemoryClientRequestAdapter {
  waiting = 0;

  override createPending(...args: Parameters<InMemoryClientRequestAdapter['createPending']>) {
    const pending = super.createPending(...args);
    this.waiting++;
    const done = () => void this.waiting--;
    pending.promise.then(done, done);
    return pending;
  }
}

const form = { type: 'object', properties: {} } as const;

describe('questions that wait', () => {
  it('are no more than the calls a session may have, and none when it has ended', async () => {
    const questions = new Questions();
    app = await startSessions({
      mcp: { clientRequestAdapter: questions, limits: { streamsPerSession: 4 } },
      tools: { ask: async (ctx) => (await ctx.elicit({ message: '?', schema: form })).action },
    });
    const client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
    const calls = Array.from({ length: 4 }, () => client.begin('ask'));
    for (const call of calls) await call.message(({ method }) => method === 'elicitation/create');
    for (let count = 0; count < 20; count++) expect(await client.begin('ask').answered()).toBe(429);
    expect(questions.waiting).toBe(4);
    await client.delete();
    await until(() => questions.waiting === 0 && stats().requests === 0 && stats().streams === 0);
  });

  it('of 2026-07-28 clients are no more than limits.parkedCalls', async () => {
    const questions = new Questions();
    app = await startSessions({
      mcp: { clientRequestAdapter: questions, limits: { parkedCalls: 3 } },
      tools: { ask: async (ctx) => (await ctx.elicit({ message: '?', schema: form })).action },
    });
    const ask = () =>
      app.post(
        ...modern('tools/call', { name: 'ask', arguments: {} }, { capabilities: { elicitation: {} } }),
      );
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    const parked = answers.filter(({ json }) => json.result?.resultType === 'input_required');
    expect(parked).toHaveLength(3);
    for (const { status, json } of answers) {
      expect(status).toBe(json.error ? 503 : 200);
      expect(json.result ?? json.error).toBeDefined();
    }
    expect(stats().parkedCalls).toBe(3);
    expect(questions.waiting).toBe(3);
  });
});

describe('what a client carries', () => {
  it.each([
    ['longer than any', 'A'.repeat(16_385)],
    ['of a megabyte', 'A'.repeat(1_000_000)],
    ['empty', ''],
    ['a number', 1],
    ['an object', {}],
    ['made of other characters', '\u0000\u2028'],
  ])('is no cursor when it is %s', async (_, cursor) => {
    app = await startSessions({ mcp: { pageSize: 1 } });
    const [body, headers] = modern('tools/list', { cursor });
    const answer = await app.post(body, headers);
    expect(answer.json.error.code).toBe(-32602);
    expect(answer.text.length).toBeLessThan(500);
  });

  it.each([
    ['longer than any', 'A'.repeat(65_537)],
    ['of a megabyte', 'A'.repeat(1_000_000)],
    ['empty', ''],
    ['a number', 1],
    ['an object', { __proto__: null }],
    ['made of other characters', '\u0000\u2028'],
  ])('is no requestState when it is %s', async (_, requestState) => {
    app = await startSessions({ tools: { ask: () => 'asked' } });
    const params = { name: 'ask', arguments: {}, requestState, inputResponses: {} };
    const answer = await app.post(...modern('tools/call', params));
    expect(answer.json.error.code).toBe(-32602);
    expect(answer.text.length).toBeLessThan(500);
  });

  it('is no list of resources to watch when it is too long', async () => {
    app = await startSessions();
    for (const uris of [
      Array.from({ length: 1001 }, (_, at) => `test://${at}`),
      ['x'.repeat(8193)],
      [1],
      'x',
    ]) {
      const [body, headers] = modern('subscriptions/listen', {
        notifications: { resourceSubscriptions: uris },
      });
      expect((await app.post(body, headers)).json.error.code).toBe(-32602);
    }
    expect(stats().subscriptions).toBe(0);
  });
});

describe('a schema that would cost too much', () => {
  const nested = (levels: number): object =>
    levels === 0 ? {} : { type: 'object', properties: { a: nested(levels - 1) } };

  it.each<[string, object]>([
    ['nested too deep', nested(65)],
    [
      'of too many parts',
      { type: 'object', properties: Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [at, {}])) },
    ],
  ])('stops the start: %s', async (_, input) => {
    app = await startSessions();
    class Tools {
      @McpTool({ name: 'tool', input: input as { type: string } })
      tool() {
        return '';
      }
    }
    await expect(startApp({ imports: [McpModule.forRoot()], providers: [Tools] })).rejects.toThrow(
      /JSON Schema/,
    );
  });
});

describe.each(PLATFORMS)('methods of HTTP on %s', (platform) => {
  it.each<[string, McpModuleOptions, string]>([
    ['without sessions', {}, 'POST'],
    ['with sessions', { sessionAdapter: new InMemorySessionAdapter() }, 'GET, POST, DELETE'],
  ])('that mean nothing here are answered 405, %s', async (_, mcp, allowed) => {
    app = await startApp({ platform, imports: [McpModule.forRoot(mcp)] });
    for (const method of [
      'PUT',
      'PATCH',
      'OPTIONS',
      'HEAD',
      ...(mcp.sessionAdapter ? [] : ['GET', 'DELETE']),
    ]) {
      for (const body of [undefined, '{}']) {
        if (method === 'HEAD' && body !== undefined) continue;
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const answer = await send(app.url, { method, headers, ...(body !== undefined && { body }) });
        expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, allowed]);
        if (method !== 'HEAD')
          expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32600 } });
      }
    }
  });

  it('that reflect a request are not served', async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()] });
    for (const method of ['TRACE', 'PROPFIND', 'LOCK', 'SEARCH']) {
      const answer = await send(app.url, { method, headers: { cookie: 'secret=1' } });
      expect([404, 405]).toContain(answer.status);
      expect(answer.text).not.toContain('secret');
    }
  });
});
