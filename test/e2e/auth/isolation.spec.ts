import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { setTimeout as delay } from 'node:timers/promises';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { ALICE, headersOf } from './cast.js';
import { startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';
import { WORLDS, type World } from './worlds.js';

const BOB = { ...ALICE, sub: 'bob' };

/** An ordinary guard of HTTP routes: finds the user in the request. */
@Injectable()
class KnownUsers implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.seenByGuard = request.user?.sub;
    return request.user !== undefined;
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'who', input: { type: 'object' } })
  @UseGuards(KnownUsers)
  async who({ wait }: { wait: number }, ctx: McpContext) {
    await delay(wait);
    const request = ctx.http?.request as any;
    return {
      principal: ctx.principal?.subject,
      token: ctx.principal?.claims?.['jti'],
      user: request.user.sub,
      guard: request.seenByGuard,
    };
  }
}

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

describe.each(PLATFORMS)('on %s', (platform) => {
  describe.each(WORLDS)('200 interleaved requests of two users, sessions %s', (_world, startWorld) => {
    let world: World;
    let app: TestApp;
    beforeAll(async () => {
      world = await startWorld();
      app = await startProtected({
        platform,
        issuer,
        tools: [Tools],
        mcp: { ...world.adapters(), limits: { streamsPerSession: 200 } },
      });
    });
    afterAll(async () => {
      await app.close();
      await world.dispose();
    });

    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const tokens = () =>
      Promise.all(
        numbers.map((index) => headersOf(issuer, { ...(index % 2 ? ALICE : BOB), jti: `token-${index}` })),
      );
    const args = (index: number) => ({ name: 'who', arguments: { wait: (index * 7) % 20 } });
    const expected = numbers.map((index) => {
      const subject = index % 2 ? 'alice' : 'bob';
      return { principal: subject, token: `token-${index}`, user: subject, guard: subject };
    });

    it('each see themselves, in modern requests', async () => {
      const headers = await tokens();
      const answers = await Promise.all(
        numbers.map((index) => {
          const [body, own] = modern('tools/call', args(index), { id: 1 });
          return app.post(body, { ...own, ...headers[index] });
        }),
      );
      expect(answers.map(({ json }) => json.result.structuredContent)).toEqual(expected);
    });

    it('each see themselves, in two sessions with a new token for each request', async () => {
      const headers = await tokens();
      const [bobs, alices] = await Promise.all(
        [BOB, ALICE].map(async (grant) =>
          SessionClient.open(app, { headers: await headersOf(issuer, grant) }),
        ),
      );
      const answers = await Promise.all(
        numbers.map((index) => {
          const session = (index % 2 ? alices : bobs) as SessionClient;
          return session.post(legacy('tools/call', args(index), index), headers[index]);
        }),
      );
      expect(answers.map(({ json }) => json.result.structuredContent)).toEqual(expected);
    });
  });
});
