import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, SessionAdapter, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, until, type SessionSetup } from './fixture.js';
import { InMemoryPlainAdapter } from './plain-adapters.js';

let app: TestApp;
/** Requests that have arrived so far. */
let callers = 0;
afterEach(() => app.close());

/** Starts a server whose callers are who they say. */
async function start(mcp: NonNullable<SessionSetup['mcp']>, tools: SessionSetup['tools'] = {}) {
  callers = 0;
  const principal = ({ headers }: any) => {
    callers++;
    return headers['x-user'] ? { subject: headers['x-user'] } : undefined;
  };
  app = await startSessions({ mcp: { principal, shutdownGraceMs: 0, ...mcp }, tools });
}
const as = (user: string) => ({ headers: { 'x-user': user } });
const isAlive = async (client: SessionClient) => (await client.request('ping')).status === 200;
const stats = () => app.app.get(StreamableHttpTransport).stats();

describe('limits.sessions', () => {
  it('makes room by ending the session used longest ago', async () => {
    await start({ limits: { sessions: 3 } });
    const clients: SessionClient[] = [];
    for (let count = 0; count < 3; count++) clients.push(await SessionClient.open(app));
    await clients[0]?.request('ping');
    clients.push(await SessionClient.open(app));
    expect(stats().sessions).toBe(3);
    const alive = [];
    for (const client of clients) alive.push(await isAlive(client));
    expect(alive).toEqual([true, false, true, true]);
  });

  it('ends none that has a stream or a request, and answers 503 when all have', async () => {
    const gate = new Gate();
    await start({ limits: { sessions: 2 } }, { hold: () => gate.opened.then(() => 'held') });
    const listening = await SessionClient.open(app);
    const stream = listening.listen();
    await stream.until(() => stream.events.length > 0);
    const calling = await SessionClient.open(app);
    const answer = calling.call('hold');
    await until(() => stats().requests === 1);
    const refused = await initialize(app.url);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.headers.get('mcp-session-id')).toBeNull();
    expect(refused.json.error.code).toBe(-32603);
    expect(await isAlive(listening)).toBe(true);
    gate.open();
    expect((await answer).status).toBe(200);
    await SessionClient.open(app);
    expect([await isAlive(listening), await isAlive(calling)]).toEqual([true, false]);
    stream.cut();
  });

  it('holds when many clients begin at the same moment', async () => {
    await start({ limits: { sessions: 10 } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => initialize(app.url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(stats().sessions).toBe(10);
  });

  it('holds on a slow store too', async () => {
    await start({
      limits: { sessions: 10 },
      sessionAdapter: new InMemoryPlainAdapter({ delayMs: 20 }),
      requestStateSecret: SECRET,
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => initialize(app.url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(stats().sessions).toBe(10);
  });

  it('has room for one that comes while as many as there may be are being stored', async () => {
    const gate = new Gate();
    const sessionAdapter = new (class extends InMemorySessionAdapter {
      override async create(...meta: Parameters<InMemorySessionAdapter['create']>) {
        await gate.opened;
        return super.create(...meta);
      }
    })();
    await start({ limits: { sessions: 3 }, sessionAdapter });
    const answers = Array.from({ length: 8 }, () => initialize(app.url));
    await until(() => callers === 8);
    gate.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(stats().sessions).toBe(3);
  });

  it('lets the next one begin when those before it could not be stored', async () => {
    const [gate, held] = [new Gate(), new Gate()];
    let count = 0;
    const sessionAdapter = new (class extends InMemorySessionAdapter {
      override async create(...meta: Parameters<InMemorySessionAdapter['create']>) {
        if (++count === 2) held.open();
        if (count > 2) return super.create(...meta);
        await gate.opened;
        throw new Error('The disk is broken');
      }
    })();
    await start({ limits: { sessions: 2 }, sessionAdapter });
    const broken = [initialize(app.url), initialize(app.url)];
    await held.opened;
    const next = initialize(app.url);
    await until(() => callers === 3);
    gate.open();
    expect((await Promise.all(broken)).map(({ status }) => status)).toEqual([500, 500]);
    expect((await next).status).toBe(200);
    expect(stats().sessions).toBe(1);
  });
});

const SECRET = 'x'.repeat(32);

describe('limits.sessionsPerPrincipal', () => {
  it('is the limit of each principal alone', async () => {
    await start({ limits: { sessionsPerPrincipal: 2 } });
    const other = await SessionClient.open(app, as('bob'));
    const own: SessionClient[] = [];
    for (let count = 0; count < 4; count++) own.push(await SessionClient.open(app, as('alice')));
    const nobodys = await Promise.all(Array.from({ length: 4 }, () => SessionClient.open(app)));
    const alive = [];
    for (const client of [...own, other, ...nobodys]) alive.push(await isAlive(client));
    expect(alive).toEqual([false, false, true, true, true, true, true, true, true]);
  });

  it('holds when one principal begins many at the same moment, on a slow store', async () => {
    const sessionAdapter = new InMemoryPlainAdapter({ delayMs: 20 });
    await start({ limits: { sessionsPerPrincipal: 5 }, sessionAdapter, requestStateSecret: SECRET });
    await Promise.all(Array.from({ length: 50 }, () => initialize(app.url, as('alice'))));
    expect(stats().sessions).toBeLessThanOrEqual(5);
    expect((await initialize(app.url, as('alice'))).status).toBe(200);
  });

  it('answers 503 when all of them are in use', async () => {
    await start({ limits: { sessionsPerPrincipal: 1 } });
    const stream = (await SessionClient.open(app, as('alice'))).listen();
    await stream.until(() => stream.events.length > 0);
    expect((await initialize(app.url, as('alice'))).status).toBe(503);
    expect((await initialize(app.url, as('bob'))).status).toBe(200);
    stream.cut();
  });
});

describe('limits.streamsPerSession', () => {
  it('limits the requests that run for a session', async () => {
    const gate = new Gate();
    await start({ limits: { streamsPerSession: 2 } }, { hold: () => gate.opened.then(() => 'held') });
    const client = await SessionClient.open(app);
    const running = [client.call('hold'), client.call('hold')];
    await until(() => stats().requests === 2);
    const refused = await client.request('ping');
    expect([refused.status, refused.headers.get('retry-after'), refused.json.error.code]).toEqual([
      429,
      '1',
      -32600,
    ]);
    expect(await isAlive(await SessionClient.open(app))).toBe(true);
    gate.open();
    for (const answer of running) expect((await answer).status).toBe(200);
    expect(await isAlive(client)).toBe(true);
  });

  it('limits the streams of a session, but not taking the place of one', async () => {
    const gate = new Gate();
    await start(
      { limits: { streamsPerSession: 2 } },
      {
        hold: (ctx) =>
          ctx
            .progress(1)
            .then(() => gate.opened)
            .then(() => 'held'),
      },
    );
    const client = await SessionClient.open(app);
    const call = client.begin('hold', {}, { progressToken: 1 });
    await call.until(() => call.messages.length === 1);
    const first = client.listen();
    await first.until(() => first.events.length > 0);
    const second = client.listen();
    await first.closed;
    await second.until(() => second.events.length > 0);
    const resumed = client.listen(call.lastEventId);
    await call.closed;
    await resumed.until(() => resumed.comments.length > 0);
    const third = client.begin('hold', {}, { progressToken: 2 });
    await third.until(() => third.messages.length === 1);
    third.cut();
    const tooMany = client.listen(third.lastEventId);
    expect(await tooMany.answered()).toBe(429);
    gate.open();
    await resumed.message((message) => 'result' in message);
    second.cut();
  });
});

it('refuses a client that says too much about itself', async () => {
  await start({});
  const clientInfo = { name: 'x'.repeat(20_000), version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const answer = await app.post(legacy('initialize', params, 1));
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ id: 1, error: { code: -32600 } });
  expect(stats().sessions).toBe(0);
});

it('refuses ids of an adapter that could not travel, and tells nobody but the log', async () => {
  const logged: string[] = [];
  const sessionAdapter = Object.assign(new InMemoryPlainAdapter(), { generateSessionId: () => 'not an id' });
  const logger = { log() {}, warn() {}, error: (message: string) => logged.push(message) };
  await start({ sessionAdapter, logger, requestStateSecret: SECRET });
  expect((await initialize(app.url)).status).toBe(500);
  expect(logged.join()).toContain('generateSessionId()');
  expect(app.app.get(SessionAdapter)).toBeDefined();
});
