import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS, type Platform, type TestApp } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';

/** Ids of MongoDB are objects. */
class ObjectId {
  readonly #hex: string;
  constructor(hex: string) {
    this.#hex = hex;
  }
  toHexString(): string {
    return this.#hex;
  }
}

/** Value that the guard leaves in `request.user`, by the name that a client gives. */
const USERS: Readonly<Record<string, () => unknown>> = {
  string: () => 'ada',
  'another string': () => 'bob',
  number: () => 7,
  'a lean document': () => ({ _id: new ObjectId('65a1'), lastSeen: Math.random() }),
  'another lean document': () => ({ _id: new ObjectId('65a2'), lastSeen: 1 }),
  sub: () => ({ id: 'x', sub: 'ada', email: 'b@example.com' }),
  id: () => ({ sub: '', id: 42n, username: 'ada' }),
  userId: () => ({ userId: 0, _id: 'y' }),
  username: () => ({ username: 'ada', email: 'a@example.com', seen: new Date() }),
  email: () => ({ sub: null, email: 'a@example.com', roles: [Math.random()] }),
  'a tenant': () => ({ id: 1, tenantId: 'one', at: Math.random() }),
  'another tenant': () => ({ id: 1, tenantId: 'two' }),
  'no tenant': () => ({ id: 1 }),
  'an issuer': () => ({ iss: 'https://id.example', id: 1, at: Math.random() }),
  nothing: () => undefined,
  null: () => null,
  false: () => false,
  'no name': () => ({ roles: ['admin'] }),
  'another without a name': () => ({ azp: 'app', _id: {}, email: [] }),
  'an empty string': () => '',
  true: () => true,
  'an array': () => ['ada'],
};

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const user = USERS[request.headers['x-user'] as string]?.();
    if (user !== undefined) request.user = user;
    return true;
  }
}

let app: TestApp;
let errors: string[];
afterEach(() => app.close());

async function start(platform: Platform, mcp: McpModuleOptions = {}) {
  errors = [];
  app = await startSessions({
    platform,
    providers: [{ provide: APP_GUARD, useClass: UserGuard }],
    mcp: { logger: { log() {}, warn() {}, error: (message) => void errors.push(String(message)) }, ...mcp },
    tools: { who: (ctx) => ctx.principal?.subject ?? 'nobody' },
  });
}

const as = (user: string) => ({ 'x-user': user });

describe.each(PLATFORMS)('the user that a guard left on %s', (platform) => {
  it.each([
    ['string', 'ada'],
    ['number', '7'],
    ['a lean document', '65a1'],
    ['sub', 'ada'],
    ['id', '42'],
    ['userId', '0'],
    ['username', 'ada'],
    ['email', 'a@example.com'],
    ['a tenant', '1'],
    ['an issuer', '1'],
    ['nothing', 'nobody'],
    ['null', 'nobody'],
    ['false', 'nobody'],
  ])('is the subject, in both eras and from one request to the next: %s', async (user, subject) => {
    await start(platform);
    const client = await SessionClient.open(app, { headers: as(user) });
    for (let count = 0; count < 2; count++) expect(textOf((await client.call('who')).json)).toBe(subject);
    const modern = await askIn(app, 'modern')('tools/call', { name: 'who' }, as(user));
    expect(textOf(modern.json)).toBe(subject);
  });

  it.each([
    ['string', 'another string'],
    ['a lean document', 'another lean document'],
    ['a tenant', 'another tenant'],
    ['a tenant', 'no tenant'],
    ['an issuer', 'no tenant'],
    ['string', 'nothing'],
  ])('is not the same as another: %s and %s', async (one, other) => {
    await start(platform);
    const client = await SessionClient.open(app, { headers: as(one) });
    expect((await client.with({ headers: as(other) }).call('who')).status).toBe(404);
  });

  it.each(ERAS)('is an error where nothing names it, logged once with the fix (%s)', async (era) => {
    await start(platform);
    const nameless = ['no name', 'another without a name', 'an empty string', 'true', 'an array'];
    for (const user of nameless) {
      const answer = await askIn(app, era)('ping', {}, as(user));
      expect([user, answer.status]).toEqual([user, 500]);
      expect(answer.json.error.message).not.toMatch(/user|principal/);
    }
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/request\.user has none of sub, id, userId, _id, username, email/);
    expect(errors[0]).toContain('option principal');
  });

  it('is named by the principal option, which errs where it names nobody', async () => {
    await start(platform, {
      principal: ({ headers, user }: any) =>
        headers['x-user'] === 'no name' ? { subject: user.roles[0] } : { issuer: 'house', claims: {} },
    });
    const client = await SessionClient.open(app, { headers: as('no name') });
    expect(textOf((await client.call('who')).json)).toBe('admin');
    for (let count = 0; count < 2; count++) {
      expect((await askIn(app, 'modern')('tools/list', {}, as('string'))).status).toBe(500);
    }
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('option principal returned a caller without subject and clientId');
  });
});
