import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, McpRegistry, McpScopes } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { askIn, ERAS, resultsIn } from '../../support/ask.js';
import { legacy } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { textOf } from '../sessions/fixture.js';
import { bearer, challengeOf, METADATA, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';
import { Account, Weather } from './weather.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

const tokenFor = async (scope?: string) =>
  bearer(await issuer.token({ sub: 'alice', client_id: 'app', aud: RESOURCE, ...(scope && { scope }) }));

/** Requests that lack a scope with `weather:read` alone, and which. */
const BEYOND_READING: [method: string, params: Record<string, unknown>, scopes: string][] = [
  ['tools/call', { name: 'correct' }, 'weather:write weather:audit'],
  ['resources/read', { uri: 'weather://stations/7' }, 'weather:stations'],
];

/** Requests that lack a scope with none at all. */
const BEYOND_ALL: typeof BEYOND_READING = [
  ['tools/call', { name: 'forecast' }, 'weather:read'],
  ['tools/call', { name: 'correct' }, 'weather:read weather:write weather:audit'],
  ['resources/read', { uri: 'weather://stations' }, 'weather:read'],
  ['resources/read', { uri: 'weather://stations/7' }, 'weather:read weather:stations'],
  ['prompts/get', { name: 'summarise' }, 'weather:read'],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'summarise' }, argument: { name: 'city', value: '' } },
    'weather:read',
  ],
];

describe.each(PLATFORMS)('scopes on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startProtected({
      platform,
      issuer,
      tools: [Weather, Account],
      auth: {
        impliedScopes: { 'weather:*': ['weather:write', 'weather:audit'], 'weather:write': ['weather:read'] },
      },
    });
    const registry = app.app.get(McpRegistry, { strict: false });
    await registry.addTool({ name: 'dynamic', scopes: ['weather:dynamic'] }, () => 'dynamic');
    await registry.addTool(
      { name: 'dynamic-decorated', decorators: [McpScopes('weather:a')], scopes: ['weather:b'] },
      () => 'decorated',
    );
  });
  afterAll(() => app.close());

  describe.each(ERAS)('for a %s client', (era) => {
    const ask = (...request: Parameters<ReturnType<typeof askIn>>) => askIn(app, era)(...request);

    it.each(BEYOND_READING)('refuses %s %j with 403, naming all it takes', async (method, params, scopes) => {
      for (const accept of ['application/json, text/event-stream', 'text/event-stream']) {
        const headers = { ...(await tokenFor('weather:read')), accept };
        const { status, headers: sent, json } = await ask(method, params, headers);
        expect(status).toBe(403);
        expect(json.error.code).toBe(-32600);
        expect(challengeOf(sent)).toEqual({
          resource_metadata: METADATA,
          error: 'insufficient_scope',
          scope: `weather:read ${scopes}`,
          error_description: `The access token lacks the scope ${scopes}`,
        });
      }
    });

    it.each(BEYOND_ALL)('refuses %s %j to a token without scopes', async (method, params, scopes) => {
      const { status, headers } = await ask(method, params, await tokenFor());
      expect(status).toBe(403);
      expect(challengeOf(headers)['scope']).toBe(scopes);
    });

    it('serves what the scopes reach, and what needs none', async () => {
      const results = resultsIn(app, era);
      const reader = await tokenFor('weather:read weather:stations');
      const read = await results('resources/read', { uri: 'weather://stations/7' }, reader);
      expect(read.contents[0].text).toBe('one of them');
      const forecast = await results('tools/call', { name: 'forecast' }, reader);
      expect(forecast.content[0].text).toBe('for alice');
      const profile = await results('tools/call', { name: 'profile' }, await tokenFor());
      expect(profile.content[0].text).toBe('alice');
    });

    it('takes a broader scope for the narrower ones it implies', async () => {
      const { status } = await ask('tools/call', { name: 'correct' }, await tokenFor('weather:*'));
      expect(status).toBe(200);
    });

    it('holds for what is added at run time', async () => {
      const refused = await ask('tools/call', { name: 'dynamic' }, await tokenFor('weather:read'));
      expect(challengeOf(refused.headers)['scope']).toBe('weather:read weather:dynamic');
      const decorated = await ask('tools/call', { name: 'dynamic-decorated' }, await tokenFor());
      expect(challengeOf(decorated.headers)['scope']?.split(' ').sort()).toEqual(['weather:a', 'weather:b']);
      const { status } = await ask('tools/call', { name: 'dynamic' }, await tokenFor('weather:dynamic'));
      expect(status).toBe(200);
    });

    it('is told nothing of scopes when there is no such thing', async () => {
      const { json, status } = await ask('tools/call', { name: 'absent' }, await tokenFor());
      expect(status).not.toBe(403);
      expect(json.error.message).toBe('Unknown tool: absent');
    });
  });

  it('refuses a whole batch for the sake of one of its requests, before any has run', async () => {
    const batch = ['forecast', 'correct', 'dynamic'].map((name) => legacy('tools/call', { name }));
    const { status, headers } = await app.post(batch, {
      'mcp-protocol-version': '2025-03-26',
      ...(await tokenFor('weather:read')),
    });
    expect(status).toBe(403);
    expect(challengeOf(headers)['scope']).toBe('weather:read weather:write weather:audit weather:dynamic');
  });
});

describe('what is public', () => {
  let app: TestApp;
  let narrow: TestApp;
  beforeAll(async () => {
    app = await startProtected({ issuer, tools: [Weather, Account] });
    narrow = await startProtected({ issuer, tools: [Weather, Account], auth: { listPermittedOnly: true } });
  });
  afterAll(() => Promise.all([app.close(), narrow.close()]));

  describe.each(ERAS)('for a %s client', (era) => {
    const ask = (...request: Parameters<ReturnType<typeof askIn>>) => askIn(app, era)(...request);
    const names = async (where: TestApp, headers: Record<string, string>) => {
      const results = resultsIn(where, era);
      const lists = [
        (await results('tools/list', {}, headers)).tools,
        (await results('resources/list', {}, headers)).resources,
        (await results('resources/templates/list', {}, headers)).resourceTemplates,
        (await results('prompts/list', {}, headers)).prompts,
      ];
      return lists.flat().map(({ name }: { name: string }) => name);
    };

    it('is there for everybody, and in the lists nothing else is', async () => {
      const results = resultsIn(app, era);
      expect(await names(app, {})).toEqual(['about', 'terms', 'greet']);
      expect((await results('tools/call', { name: 'about' })).content[0].text).toBe('told to anybody');
      expect((await results('resources/read', { uri: 'weather://terms' })).contents[0].text).toBe(
        'terms of use',
      );
      expect((await results('prompts/get', { name: 'greet' })).messages).toHaveLength(1);
    });

    it.each(BEYOND_ALL)('is not %s %j, for which a token is asked for', async (method, params, scopes) => {
      const { status, headers } = await ask(method, params);
      expect(status).toBe(401);
      expect(challengeOf(headers)).toEqual({ resource_metadata: METADATA, scope: scopes });
    });

    it('is not to be told from what does not exist', async () => {
      const { status, headers } = await ask('tools/call', { name: 'absent' });
      expect(status).toBe(401);
      expect(challengeOf(headers)).toEqual({ resource_metadata: METADATA });
      expect((await ask('tools/call', { name: 'profile' })).status).toBe(401);
    });

    it('does not excuse a bad token', async () => {
      const { status } = await ask('tools/call', { name: 'about' }, bearer('bad'));
      expect(status).toBe(401);
    });

    it('knows who calls all the same', async () => {
      const { json } = await ask('tools/call', { name: 'about' }, await tokenFor());
      expect(json.result.content[0].text).toBe('told to alice');
    });

    it('stands in lists beside all that a token could reach, or only what it does', async () => {
      const all = [
        'about',
        'correct',
        'forecast',
        'profile',
        'stations',
        'terms',
        'station',
        'greet',
        'summarise',
      ];
      expect(await names(app, await tokenFor())).toEqual(all);
      expect(await names(narrow, await tokenFor())).toEqual(['about', 'profile', 'terms', 'greet']);
      expect(await names(narrow, await tokenFor('weather:read'))).toEqual(
        all.filter((name) => !['correct', 'station'].includes(name)),
      );
      const refused = await askIn(narrow, era)(
        'tools/call',
        { name: 'correct' },
        await tokenFor('weather:read'),
      );
      expect(refused.status).toBe(403);
    });
  });

  it('can be used in a session that belongs to nobody, which no token goes on with', async () => {
    const kept = await startProtected({
      issuer,
      tools: [Weather],
      mcp: { sessionAdapter: new InMemorySessionAdapter() },
    });
    const anybody = await SessionClient.open(kept);
    expect(textOf((await anybody.call('about')).json)).toBe('told to anybody');
    for (const [uri, status] of [
      ['weather://terms', 200],
      ['weather://stations', 401],
    ] as const) {
      expect((await anybody.post(legacy('resources/subscribe', { uri }))).status).toBe(status);
      expect((await anybody.post(legacy('resources/unsubscribe', { uri }))).status).toBe(200);
    }
    const listening = anybody.listen();
    expect(await listening.answered()).toBe(200);
    listening.cut();
    expect((await anybody.call('forecast')).status).toBe(401);
    const alice = anybody.with({ headers: await tokenFor('weather:read') });
    expect((await alice.call('forecast')).status).toBe(404);
    expect((await anybody.delete()).status).toBe(204);
    await kept.close();
  });

  it('makes lists private, as everything is that a token was asked for', async () => {
    for (const where of [app, narrow]) {
      for (const headers of [{}, await tokenFor()]) {
        const { cacheScope } = await resultsIn(where, 'modern')('tools/list', {}, headers);
        expect(cacheScope).toBe('private');
      }
    }
    expect((await resultsIn(app, 'modern')('server/discover', {})).cacheScope).toBe('private');
  });

  it('does not open what else a client could ask for', async () => {
    for (const method of ['logging/setLevel', 'resources/subscribe', 'subscriptions/listen']) {
      expect(
        (await askIn(app, 'modern')(method, { notifications: {}, uri: 'weather://stations' })).status,
      ).toBe(401);
    }
  });
});
