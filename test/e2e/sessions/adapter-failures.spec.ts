import { afterEach, describe, expect, it } from '@jest/globals';
import {
  AdapterUnavailableError,
  EventsLostError,
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  InProcessNotificationBus,
  StreamableHttpTransport,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import type { TestApp } from '../../support/app.js';
import { initialize, SessionClient } from '../../support/session-client.js';
import { startSessions, textOf, until } from './fixture.js';
import { InMemoryPlainAdapter, InMemoryPlainRequests } from './plain-adapters.js';

const ERRORS = {
  'cannot be reached': () => new AdapterUnavailableError('secret-host: away'),
  'has lost events': () => new EventsLostError('secret-host: trimmed'),
  fails: () => new Error('secret-host: disk on fire'),
} as const;
type Failure = keyof typeof ERRORS;

/** Lets one method of an adapter fail from the moment it is told to. */
function breakable<T extends object>(adapter: T) {
  let broken: { readonly method: string; readonly failure: Failure } | undefined;
  const proxy = new Proxy(adapter, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (broken?.method === key) throw ERRORS[broken.failure]();
        return (value as (...args: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  return {
    proxy,
    fail: (method: string, failure: Failure) => (broken = { method, failure }),
    repair: () => (broken = undefined),
  };
}

const LEVELS: Readonly<Record<string, () => { sessions: object; requests: object }>> = {
  'seven and three methods': () => ({
    sessions: new InMemoryPlainAdapter(),
    requests: new InMemoryPlainRequests(),
  }),
  'all methods': () => ({
    sessions: new InMemorySessionAdapter(),
    requests: new InMemoryClientRequestAdapter(),
  }),
};

type Request = (
  client: SessionClient,
  app: TestApp,
) => Promise<{ status: number; headers: Headers; text: string }>;

/** Finds out where the session's stream is before anything fails; comes back for the rest when it does. */
async function resuming(client: SessionClient, app: TestApp): Promise<Request> {
  const stream = client.listen();
  await stream.until(() => stream.events.length > 0);
  stream.cut();
  await until(() => app.app.get(StreamableHttpTransport).stats().streams === 0);
  const lastEventId = stream.lastEventId as string;
  return () => client.get({ accept: 'text/event-stream', 'last-event-id': lastEventId });
}
const listen: Request = (client) => client.get({ accept: 'text/event-stream' });
const begin: Request = (_client, app) => initialize(app.url);
const end: Request = (client) => client.delete();
const ping: Request = (client) => client.request('ping');
const answer: Request = (client) => client.answer({ id: 'asked' }, {});
const setLevel: Request = (client) => client.request('logging/setLevel', { level: 'info' });

/**
 * The method that fails, what needs it, and the status of the answer to each failure. A method of the protocol that fails for
 * good is answered with a JSON-RPC error, whose status is 200.
 */
const SEVEN: readonly [string, Request | 'resume', readonly [away: number, lost: number, other: number]][] = [
  ['generateSessionId', begin, [503, 500, 500]],
  ['create', begin, [503, 500, 500]],
  ['get', ping, [503, 500, 500]],
  ['appendEvent', listen, [503, 500, 500]],
  ['replay', 'resume', [503, 400, 400]],
  ['delete', end, [503, 500, 500]],
  ['resolvePending', answer, [503, 500, 500]],
  ['has', setLevel, [503, 200, 200]],
  // The session is gone.
  ['publish', end, [204, 204, 204]],
];
const ALL: typeof SEVEN = [
  ['generateSessionId', begin, [503, 500, 500]],
  ['create', begin, [503, 500, 500]],
  ['open', ping, [503, 500, 500]],
  ['appendEvent', listen, [503, 500, 500]],
  ['replay', 'resume', [503, 400, 500]],
  ['end', end, [503, 500, 500]],
  ['resolvePending', answer, [503, 500, 500]],
  ['writeState', setLevel, [503, 200, 200]],
  // The session is gone.
  ['publish', end, [204, 204, 204]],
];

let app: TestApp;
afterEach(() => app.close());

const CASES = Object.keys(LEVELS).flatMap((level) =>
  (level === 'all methods' ? ALL : SEVEN).flatMap(([method, request, statuses]) =>
    (Object.keys(ERRORS) as Failure[]).map(
      (failure, n) => [level, method, failure, statuses[n] as number, request] as const,
    ),
  ),
);

const FORM = { type: 'object', properties: { name: { type: 'string' } } } as const;

/** A server of a level, each part of which can be broken. Its tool tells what becomes of a question. */
async function startBreakable(level: string, logged: string[] = []) {
  const made = (LEVELS[level] as (typeof LEVELS)[string])();
  const parts = [made.sessions, made.requests, new InProcessNotificationBus()].map(breakable);
  const [sessionAdapter, clientRequestAdapter, notificationBus] = parts.map(({ proxy }) => proxy);
  app = await startSessions({
    tools: {
      ask: (ctx) =>
        ctx.elicit({ message: 'Name?', schema: FORM, timeoutMs: 20 }).catch((error: Error) => error.name),
    },
    mcp: {
      ...({ sessionAdapter, clientRequestAdapter, notificationBus } as McpModuleOptions),
      requestStateSecret: 'x'.repeat(32),
      logger: { log() {}, warn() {}, error: (message: string) => void logged.push(message) },
    },
  });
  return { parts, client: await SessionClient.open(app, { capabilities: { elicitation: {} } }) };
}

/** Statuses of what is served, but 200. Nothing waits for the answer to a question that nobody has asked. */
const SERVED = new Map([
  [answer, 400],
  [end, 204],
]);

describe('a store behind', () => {
  it.each(CASES)('%s whose %s() %s is a %i', async (level, method, failure, status, request) => {
    const logged: string[] = [];
    const { parts, client } = await startBreakable(level, logged);
    const send = request === 'resume' ? await resuming(client, app) : request;
    for (const { fail } of parts) fail(method, failure);
    assertAnswer(await send(client, app), status);
    expect(logged.length).toBeLessThanOrEqual(1);
  });

  it.each(CASES.filter(([, , , status]) => status === 503))(
    '%s whose %s() %s for a moment, a %i, serves the same request when it is back',
    async (level, method, failure, _status, request) => {
      const { parts, client } = await startBreakable(level);
      if (request === listen || request === 'resume') {
        const stream = client.listen();
        await stream.until(() => stream.events.length > 0);
        const { lastEventId } = stream;
        stream.cut();
        await until(() => app.app.get(StreamableHttpTransport).stats().streams === 0);
        const open = () => client.listen(request === listen ? undefined : lastEventId);
        for (const { fail } of parts) fail(method, failure);
        expect(await open().answered()).toBe(503);
        for (const { repair } of parts) repair();
        const opened = open();
        expect(await opened.answered()).toBe(200);
        return opened.cut();
      }
      for (const { fail } of parts) fail(method, failure);
      await request(client, app);
      for (const { repair } of parts) repair();
      const { status } = await request(client, app);
      expect(status).toBe(SERVED.get(request) ?? 200);
    },
  );

  it.each(Object.keys(ERRORS) as Failure[])(
    'all methods whose subscribe() %s breaks a stream off, which goes on when it is back',
    async (failure) => {
      const logged: string[] = [];
      const { parts, client } = await startBreakable('all methods', logged);
      const seen = client.listen();
      await seen.until(() => seen.events.length > 0);
      seen.cut();
      await until(() => app.app.get(StreamableHttpTransport).stats().streams === 0);
      for (const { fail } of parts) fail('subscribe', failure);
      const broken = client.listen();
      await broken.closed;
      expect(JSON.stringify(broken.events)).not.toContain('secret-host');
      expect(logged.length).toBeLessThanOrEqual(1);
      for (const { repair } of parts) repair();
      const resumed = client.listen(seen.lastEventId);
      expect(await resumed.answered()).toBe(200);
      await app.app
        .get(StreamableHttpTransport)
        .session(client.id)
        .notify('notifications/tools/list_changed');
      await resumed.message(({ method }) => method === 'notifications/tools/list_changed');
      resumed.cut();
    },
  );

  it.each(
    Object.keys(LEVELS).flatMap((level) => [
      [level, 'createPending', 'AdapterUnavailableError'] as const,
      [level, 'rejectPending', 'ClientRequestTimeoutError'] as const,
    ]),
  )('%s whose %s() is away tells a handler that asks: %s', async (level, method, name) => {
    const { parts, client } = await startBreakable(level);
    for (const { fail } of parts) fail(method, 'cannot be reached');
    const { messages } = await client.call('ask');
    expect(textOf(messages.at(-1))).toBe(name);
  });
});

function assertAnswer(given: { status: number; headers: Headers; text: string }, status: number): void {
  expect(given.status).toBe(status);
  expect(given.headers.has('retry-after')).toBe(status === 503);
  expect(given.text).not.toContain('secret-host');
}
