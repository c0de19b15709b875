import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import type { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { Gate, startSessions, textOf } from './fixture.js';

/** Believes whatever `x-user` says, as JSON. */
@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const user = request.headers['x-user'];
    if (user !== undefined) request.user = JSON.parse(user);
    return true;
  }
}

const GUARD = { provide: APP_GUARD, useClass: UserGuard };
const as = (user: object) => ({ 'x-user': JSON.stringify(user) });
const ALICE = as({ iss: 'https://id.example', client_id: 'app', sub: 'alice' });

const STRANGERS = {
  'another subject': as({ iss: 'https://id.example', client_id: 'app', sub: 'bob' }),
  'another client': as({ iss: 'https://id.example', client_id: 'other', sub: 'alice' }),
  'another issuer': as({ iss: 'https://evil.example', client_id: 'app', sub: 'alice' }),
  nobody: {},
};

it('belongs to whoever a query says it is, that is no promise but can be awaited', async () => {
  const query = (subject: string) => ({
    then: (done: (found: object) => void) => done({ subject }),
  });
  const app = await startSessions({
    mcp: { principal: (request: any) => query(request.headers['x-user']) as unknown as Promise<object> },
    tools: { who: (ctx) => String(ctx.principal?.subject) },
  });
  const alice = await SessionClient.open(app, { headers: { 'x-user': 'alice' } });
  expect(textOf((await alice.call('who')).json)).toBe('alice');
  expect((await alice.with({ headers: { 'x-user': 'bob' } }).call('who')).status).toBe(404);
  await app.close();
});

it('whoever finds out who calls may refuse with an exception of Nest', async () => {
  const app = await startSessions({
    mcp: {
      logger: { log() {}, warn() {}, error() {} },
      principal: (request: any) => {
        if (request.headers['x-user'] === 'nobody') throw new UnauthorizedException('Who are you?');
        throw new Error('secret-host: connection refused');
      },
    },
  });
  const refused = await app.post(legacy('ping'), { 'x-user': 'nobody' });
  expect([refused.status, refused.json.error]).toEqual([401, { code: -32600, message: 'Who are you?' }]);
  const failed = await app.post(legacy('ping'));
  expect([failed.status, failed.text.includes('secret-host')]).toEqual([500, false]);
  await app.close();
});

describe.each(PLATFORMS)('a session of a principal on %s', (platform) => {
  let app: TestApp;
  let gate: Gate;
  let alice: SessionClient;

  beforeEach(async () => {
    gate = new Gate();
    app = await startSessions({
      platform,
      providers: [GUARD],
      tools: {
        hold: async (ctx) => {
          await ctx.progress(1);
          await gate.opened;
          return ctx.signal.aborted ? 'aborted' : 'finished';
        },
        ask: async (ctx) => {
          const schema = { type: 'object', properties: { name: { type: 'string' } } };
          const answer = await ctx.elicit({ message: 'Who?', schema });
          return JSON.stringify(answer);
        },
        who: (ctx) => ctx.principal?.subject ?? 'nobody',
      },
    });
    alice = await SessionClient.open(app, { headers: ALICE, capabilities: { elicitation: {} } });
  });
  afterEach(() => app.close());

  describe.each(Object.entries(STRANGERS))('asked for by %s', (_name, headers) => {
    const stranger = () => {
      const { 'x-user': _, ...own } = alice.headers;
      return new SessionClient(app.url, alice.id, { ...own, ...headers });
    };

    it('is not found by POST, GET and DELETE', async () => {
      for (const answer of [
        await stranger().call('who'),
        await stranger().get(),
        await stranger().delete(),
        await stranger().notify('notifications/initialized'),
      ]) {
        expect(answer.status).toBe(404);
        expect(answer.json.error.message).toBe('Session not found');
      }
      expect(textOf((await alice.call('who')).json)).toBe('alice');
    });

    it('keeps its question', async () => {
      const call = alice.begin('ask');
      const question = await call.message(({ method }) => method === 'elicitation/create');
      const theirs = await stranger().answer(question, { action: 'accept', content: { name: 'Mallory' } });
      expect(theirs.status).toBe(404);
      const own = await alice.answer(question, { action: 'accept', content: { name: 'Alice' } });
      expect(own.status).toBe(202);
      const result = await call.message((message) => 'result' in message);
      expect(textOf(result)).toBe('{"action":"accept","content":{"name":"Alice"}}');
    });

    it('keeps its calls', async () => {
      const call = alice.begin('hold', {}, { id: 'mine', progressToken: 1 });
      await call.message(({ method }) => method === 'notifications/progress');
      expect((await stranger().notify('notifications/cancelled', { requestId: 'mine' })).status).toBe(404);
      gate.open();
      expect(textOf(await call.message(({ id }) => id === 'mine'))).toBe('finished');
    });

    it('keeps its streams', async () => {
      const listening = alice.listen();
      await listening.until(() => listening.events.length > 0);
      const call = alice.begin('hold', {}, { progressToken: 1 });
      await call.message(({ method }) => method === 'notifications/progress');
      const stolen: RawExchange[] = [listening, call].map((stream) => stranger().listen(stream.lastEventId));
      stolen.push(stranger().listen());
      for (const stream of stolen) expect(await stream.answered()).toBe(404);
      gate.open();
      await call.message((message) => 'result' in message);
      await alice.request('ping');
      expect(listening.isComplete).toBe(false);
      listening.cut();
    });
  });

  it('is kept over a refreshed token', async () => {
    const refreshed = as({
      iss: 'https://id.example',
      azp: 'app',
      sub: 'alice',
      jti: 'new',
      exp: 1,
      scope: 'more',
    });
    const again = alice.with({ headers: refreshed });
    expect(textOf((await again.call('who')).json)).toBe('alice');
    expect((await again.delete()).status).toBe(204);
  });

  it('is not the session of anybody, either way round', async () => {
    const anonymous = await SessionClient.open(app);
    expect((await anonymous.with({ headers: ALICE }).request('ping')).status).toBe(404);
    expect((await anonymous.request('ping')).status).toBe(200);
  });
});

describe('the principal option', () => {
  it('decides who a session belongs to', async () => {
    const app = await startSessions({
      mcp: { principal: async (request: any) => ({ subject: request.headers['x-tenant'] }) },
      tools: { who: (ctx) => String(ctx.principal?.subject) },
    });
    const client = await SessionClient.open(app, { headers: { 'x-tenant': 'one' } });
    expect(textOf((await client.call('who')).json)).toBe('one');
    expect((await client.with({ headers: { 'x-tenant': 'two' } }).call('who')).status).toBe(404);
    await app.close();
  });

  it('answers 500 when it fails, without saying why', async () => {
    const app = await startSessions({
      mcp: {
        logger: { log() {}, warn() {}, error() {} },
        principal: () => {
          throw new Error('secret detail');
        },
      },
    });
    const answer = await SessionClient.open(app).catch(({ message }: Error) => message);
    expect(answer).toContain('500');
    expect(answer).not.toContain('secret');
    await app.close();
  });
});
