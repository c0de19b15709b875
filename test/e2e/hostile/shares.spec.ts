import { afterEach, describe, expect, it } from '@jest/globals';
import {
  InMemoryClientRequestAdapter,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { PLATFORMS } from '../../support/app.js';
import { type TestApp } from '../../support/app.js';
import { modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions, until } from '../sessions/fixture.js';

const MOUNTS = [
  ['express', 'route'],
  ['fastify', 'route'],
  ['express', 'direct'],
] as const;

const form = { type: 'object', properties: {} } as const;
const capabilities = { elicitation: {} };

let app: TestApp;
afterEach(() => app.close());

const stats = () => app.app.get(StreamableHttpTransport).stats();

/** Callers are who they say; who says nothing is known by an address alone. */
async function start(platform: (typeof PLATFORMS)[number], mcp: McpModuleOptions) {
  app = await startSessions({
    platform,
    mcp: {
      clientRequestAdapter: new InMemoryClientRequestAdapter(),
      shutdownGraceMs: 0,
      principal: ({ headers }: any) => (headers['x-user'] ? { subject: headers['x-user'] } : undefined),
      ...mcp,
    },
    tools: {
      ask: async (ctx) => (await ctx.elicit({ message: '?', schema: form })).action,
      insist: async (ctx) => {
        try {
          return (await ctx.elicit({ message: '?', schema: form })).action;
        } catch {
          return 'not asked';
        }
      },
    },
  });
}

const as = (user?: string): Record<string, string> => (user === undefined ? {} : { 'x-user': user });

function call(name: string, user?: string, more: object = {}) {
  const [body, headers] = modern('tools/call', { name, arguments: {}, ...more }, { capabilities });
  return app.post(body, { ...headers, ...as(user) });
}

function listen(user?: string) {
  const [body, headers] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
  return new RawExchange(app.url, { method: 'POST', body, headers: { ...headers, ...as(user) } });
}

const isAsked = ({ json }: { json: any }) => json.result?.resultType === 'input_required';

describe.each(MOUNTS)('one caller cannot use up, on %s (%s)', (platform, mount) => {
  it.each([
    ['a principal', 'mallory', 'ada'],
    ['an address', undefined, 'ada'],
    ['a principal', 'mallory', undefined],
  ])('the parked calls of all, as %s', async (_, greedy, other) => {
    await start(platform, { mount, limits: { parkedCalls: 4 } });
    const first = await call('ask', greedy);
    const more = await Promise.all(Array.from({ length: 9 }, () => call('ask', greedy)));
    const refused = more.filter((answer) => !isAsked(answer));
    expect(refused).toHaveLength(6);
    for (const { status, headers, json } of refused) {
      expect([status, json.error.code]).toEqual([503, -32603]);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
    }
    const others = [await call('ask', other), await call('ask', other), await call('ask', other)];
    expect(others.map(isAsked)).toEqual([true, true, false]);
    expect(stats().parkedCalls).toBe(4);
    for (const [user, asked] of [
      [greedy, first],
      [other, others[0]],
      [other, others[1]],
    ] as const) {
      const { inputRequests, requestState } = asked!.json.result;
      const inputResponses = Object.fromEntries(
        Object.keys(inputRequests).map((key) => [key, { action: 'decline' }]),
      );
      const answer = await call('ask', user, { inputResponses, requestState });
      expect(answer.json.result.content[0].text).toBe('decline');
    }
  });

  it('what a handler is refused it may do without', async () => {
    await start(platform, { mount, limits: { parkedCalls: 1 } });
    await call('ask', 'mallory');
    expect((await call('insist', 'mallory')).json.result.content[0].text).toBe('not asked');
  });

  it.each([
    ['a principal', 'mallory', 'ada'],
    ['an address', undefined, 'ada'],
  ])('the subscriptions of all, as %s', async (_, greedy, other) => {
    await start(platform, { mount, limits: { subscriptions: 3 } });
    const own = Array.from({ length: 3 }, () => listen(greedy));
    for (const stream of own) await stream.until(() => stream.events.length > 0);
    const refused = listen(greedy);
    expect(await refused.answered()).toBe(503);
    expect(refused.headers['retry-after']).toBeDefined();
    const theirs = listen(other);
    await theirs.until(() => theirs.events.length > 0);
    await until(() => own.some(({ isComplete }) => isComplete));
    const ended = own.filter(({ isComplete }) => isComplete);
    expect(ended).toHaveLength(1);
    expect(ended[0]?.messages.at(-1).result).toBeDefined();
    expect(stats().subscriptions).toBe(3);
    for (const stream of [...own, theirs]) stream.cut();
  });

  it('the sessions of all, idle ones', async () => {
    await start(platform, { mount, limits: { sessions: 4 } });
    const ada = await SessionClient.open(app, { headers: as('ada') });
    for (let count = 0; count < 10; count++) expect((await initialize(app.url)).status).toBe(200);
    expect((await ada.request('ping')).status).toBe(200);
    expect(stats().sessions).toBe(4);
  });

  it('the sessions of all, with streams that stay open', async () => {
    await start(platform, { mount, limits: { sessions: 3 } });
    const streams: RawExchange[] = [];
    for (let count = 0; count < 3; count++) {
      const stream = (await SessionClient.open(app)).listen();
      await stream.until(() => stream.events.length > 0);
      streams.push(stream);
    }
    const refused = await initialize(app.url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    const ada = await SessionClient.open(app, { headers: as('ada') });
    expect((await ada.request('ping')).status).toBe(200);
    expect(stats().sessions).toBe(3);
    for (const stream of streams) stream.cut();
  });
});
