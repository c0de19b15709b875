import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { McpScopes, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { send } from '../../support/http.js';
import { ALICE, headersOf } from './cast.js';
import { challengeOf, METADATA, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest().user?.sub === 'alice';
  }
}

@Injectable()
class Tools {
  @McpTool({ name: 'who' })
  @UseGuards(UserGuard)
  @McpScopes('mcp')
  who(_: unknown, ctx: McpContext) {
    return String(ctx.principal?.subject);
  }
}

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

describe.each(PLATFORMS)('a server mounted directly beside %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startProtected({
      platform,
      issuer,
      tools: [Tools],
      mcp: { mount: 'direct', allowedHosts: ['*'], allowedOrigins: ['https://app.example'] },
    });
  });
  afterAll(() => app.close());

  it.each(ERAS)('asks for tokens and scopes just so, for a %s client', async (era) => {
    const call = async (grant?: typeof ALICE) =>
      askIn(app, era)('tools/call', { name: 'who' }, await headersOf(issuer, grant));
    expect((await call(ALICE)).json.result.content[0].text).toBe('alice');
    const refused = await call();
    expect(refused.status).toBe(401);
    expect(challengeOf(refused.headers)['resource_metadata']).toBe(METADATA);
    const { status, headers } = await call({ ...ALICE, scope: 'other' });
    expect(status).toBe(403);
    expect(challengeOf(headers)['scope']).toBe('other mcp');
  });

  it('answers before the body has come', async () => {
    const sent = request(app.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 1_000_000 },
    });
    const status = await new Promise((resolve, reject) => {
      sent.once('response', (response) => resolve(response.statusCode)).once('error', reject);
      sent.flushHeaders();
    });
    sent.destroy();
    expect(status).toBe(401);
  });

  it('challenges no preflight, and lets pages read challenges and metadata', async () => {
    const origin = { origin: 'https://app.example' };
    const preflight = await send(app.url, {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.has('www-authenticate')).toBe(false);
    const challenged = await send(app.url, { headers: origin });
    expect(challenged.status).toBe(401);
    expect(challenged.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    const document = await fetch(`${app.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(await document.json()).toMatchObject({ resource: 'https://mcp.example/mcp' });
  });
});
