import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemorySessionAdapter, McpModule } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';

/** Takes the user from a header, in whatever shape the test likes. */
@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user: unknown }>();
    request.user = JSON.parse(request.headers['x-user'] ?? 'null') ?? undefined;
    return true;
  }
}

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
};

describe('whose a session is', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      imports: [McpModule.forRoot({ sessionAdapter: new InMemorySessionAdapter() })],
      configure: (nest) => void nest.useGlobalGuards(new UserGuard()),
    });
  });
  afterAll(() => app.close());

  async function statusFor(owner: object, caller: object): Promise<number> {
    const begun = await app.post(legacy('initialize', INITIALIZE), { 'x-user': JSON.stringify(owner) });
    const session = begun.headers.get('mcp-session-id') as string;
    const answer = await app.post(legacy('ping'), {
      'mcp-session-id': session,
      'x-user': JSON.stringify(caller),
    });
    return answer.status;
  }

  it.each([
    ['sub', { sub: 'ada' }, { sub: 'bob' }],
    ['id', { id: 1 }, { id: 2 }],
    ['username', { username: 'ada' }, { username: 'bob' }],
    ['email', { email: 'ada@example.org' }, { email: 'bob@example.org' }],
    ['the same subject of another issuer', { sub: 'ada', iss: 'a' }, { sub: 'ada', iss: 'b' }],
    ['the same subject through another client', { sub: 'ada', azp: 'a' }, { sub: 'ada', azp: 'b' }],
  ])('is told by %s', async (_, owner, stranger) => {
    expect(await statusFor(owner, owner)).toBe(200);
    expect(await statusFor(owner, stranger)).toBe(404);
  });

  it('is not told by what no user is known by', async () => {
    const user = JSON.stringify({ mail: 'ada@example.org' });
    expect((await app.post(legacy('initialize', INITIALIZE), { 'x-user': user })).status).toBe(500);
  });

  it('does not change with what is only said of the same subject', async () => {
    expect(await statusFor({ sub: 'ada', exp: 1 }, { sub: 'ada', exp: 2 })).toBe(200);
  });
});
