import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, SessionAdapter, type McpModuleOptions } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';
import { InMemoryPlainAdapter } from './plain-adapters.js';

const STORES: Record<string, () => McpModuleOptions> = {
  'the in-memory adapter': () => ({ sessionAdapter: new InMemorySessionAdapter() }),
  'the seven methods alone': () => ({
    sessionAdapter: new InMemoryPlainAdapter(),
    requestStateSecret: 'x'.repeat(32),
  }),
};

describe.each(Object.entries(STORES))('the state of a session, on %s', (_name, options) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startSessions({
      mcp: options(),
      tools: {
        id: (ctx) => ctx.session.id,
        set: async (ctx, { key, value }) => {
          await ctx.session.set(key, value);
          return 'set';
        },
        get: async (ctx, { key }) => JSON.stringify(await ctx.session.get(key)) ?? 'undefined',
        delete: (ctx, { key }) => ctx.session.delete(key).then(() => 'deleted'),
        copies: async (ctx) => {
          const list = [1];
          await ctx.session.set('list', list);
          list.push(2);
          (await ctx.session.get<number[]>('list'))?.push(3);
          return JSON.stringify(await ctx.session.get('list'));
        },
        bound: async (ctx, { value }) => {
          const error: any = await ctx.session.set('big', value).catch((thrown: unknown) => thrown);
          return `${error?.name} ${String(await ctx.session.get('big'))}`;
        },
        nonsense: async (ctx) => {
          const circle: any = {};
          circle.self = circle;
          const names = [];
          for (const value of [undefined, () => 1, Symbol('x'), 1n, circle]) {
            names.push(await ctx.session.set('x', value).catch(({ name }: Error) => name));
          }
          return names.join(' ');
        },
      },
    });
  });
  afterEach(() => app.close());

  const call = async (client: SessionClient, tool: string, args = {}) =>
    textOf((await client.call(tool, args)).json);

  it('outlives the request, until it is deleted', async () => {
    const client = await SessionClient.open(app);
    expect(await call(client, 'id')).toBe(client.id);
    expect(await call(client, 'get', { key: 'a' })).toBe('undefined');
    for (const value of [1, 'one', null, false, { deep: [1, { er: 'x' }] }]) {
      await call(client, 'set', { key: 'a', value });
      expect(JSON.parse(await call(client, 'get', { key: 'a' }))).toEqual(value);
    }
    await call(client, 'delete', { key: 'a' });
    await call(client, 'delete', { key: 'never there' });
    expect(await call(client, 'get', { key: 'a' })).toBe('undefined');
  });

  it('is what was set, whatever becomes of the values', async () => {
    expect(await call(await SessionClient.open(app), 'copies')).toBe('[1]');
  });

  it('is of one session only', async () => {
    const [one, other] = [await SessionClient.open(app), await SessionClient.open(app)];
    await call(one, 'set', { key: 'a', value: 'mine' });
    expect(await call(other, 'get', { key: 'a' })).toBe('undefined');
    await one.delete();
    expect((await one.call('get', { key: 'a' })).status).toBe(404);
  });

  it.each(['__proto__', 'constructor', 'mcp:logLevel', '', '\u00fc \n'])('takes any key: %j', async (key) => {
    const client = await SessionClient.open(app);
    expect(await call(client, 'get', { key })).toBe('undefined');
    await call(client, 'set', { key, value: 'kept' });
    expect(await call(client, 'get', { key })).toBe('"kept"');
  });

  it('holds 64 KiB', async () => {
    const client = await SessionClient.open(app);
    expect(await call(client, 'bound', { value: 'x'.repeat(60_000) })).toMatch(/^undefined x+$/);
    expect(await call(client, 'bound', { value: 'y'.repeat(70_000) })).toMatch(/^RangeError x+$/);
    expect(await call(client, 'bound', { value: '\u4e09'.repeat(30_000) })).toMatch(/^RangeError x+$/);
    await call(client, 'set', { key: 'other', value: 'z'.repeat(3_000) });
    expect((await client.call('set', { key: 'third', value: 'z'.repeat(3_000) })).json.result.isError).toBe(
      true,
    );
    await call(client, 'delete', { key: 'big' });
    expect(await call(client, 'set', { key: 'third', value: 'z'.repeat(3_000) })).toBe('set');
  });

  it('takes JSON only', async () => {
    const names = await call(await SessionClient.open(app), 'nonsense');
    expect(names).toBe('RangeError RangeError RangeError RangeError RangeError');
  });

  it('is not there in 2026-07-28, and says so', async () => {
    const [body, headers] = modern('tools/call', { name: 'get', arguments: { key: 'a' } });
    const { json } = await app.post(body, {
      ...headers,
      'mcp-session-id': (await SessionClient.open(app)).id,
    });
    expect(json.result.isError).toBe(true);
  });
});

it('keeps two values that are written at the same moment', async () => {
  const app = await startSessions({
    tools: {
      both: async (ctx) => {
        await Promise.all(['a', 'b', 'c'].map((key) => ctx.session.set(key, key)));
        return (await Promise.all(['a', 'b', 'c'].map((key) => ctx.session.get(key)))).join('');
      },
    },
  });
  const client = await SessionClient.open(app);
  expect(textOf((await client.call('both')).json)).toBe('abc');
  await app.close();
});

describe('the log level of a session', () => {
  it('is its own, and is kept', async () => {
    const app = await startSessions({
      tools: {
        log: (ctx) =>
          ctx.log
            .debug('d')
            .then(() => ctx.log.error('e'))
            .then(() => 'logged'),
      },
    });
    const [quiet, loud] = [await SessionClient.open(app), await SessionClient.open(app)];
    await quiet.request('logging/setLevel', { level: 'error' });
    await loud.request('logging/setLevel', { level: 'debug' });
    const levels = async (client: SessionClient) =>
      (await client.call('log')).messages.filter(({ method }) => method).map(({ params }) => params.level);
    expect(await levels(quiet)).toEqual(['error']);
    expect(await levels(loud)).toEqual(['debug', 'error']);
    await loud.request('logging/setLevel', { level: 'emergency' });
    expect(await levels(loud)).toEqual([]);
    const refused = await loud.post(legacy('logging/setLevel', { level: 'shout' }));
    expect(refused.json.error.code).toBe(-32602);
    await app.close();
  });
});

it('is given to a server that has none, by overriding the token', async () => {
  const sessionAdapter = new InMemorySessionAdapter();
  const app = await startSessions({
    mcp: { sessionAdapter: undefined as never, clientRequestAdapter: undefined as never },
    override: (builder) => builder.overrideProvider(SessionAdapter).useValue(sessionAdapter),
    tools: { id: (ctx) => ctx.session.id },
  });
  const client = await SessionClient.open(app);
  expect(textOf((await client.call('id')).json)).toBe(client.id);
  expect(await sessionAdapter.has(client.id)).toBe(true);
  await app.close();
});
