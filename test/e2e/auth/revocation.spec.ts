import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  InMemorySessionAdapter,
  IntrospectionTokenVerifier,
  McpTool,
  StreamableHttpTransport,
  type McpContext,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { RawExchange } from '../../support/raw-http.js';
import { SessionClient } from '../../support/session-client.js';
import { until } from '../sessions/fixture.js';
import { bearer, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';

@Injectable()
class Tools {
  @McpTool({ name: 'wait', input: { type: 'object' } })
  async wait(_args: object, ctx: McpContext) {
    await ctx.progress(1);
    await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()));
    return 'aborted';
  }
}

const ALICE = { sub: 'alice', client_id: 'app', aud: RESOURCE, scope: 'a b' };

describe.each(PLATFORMS)('the streams of a token that is revoked on %s', (platform) => {
  let issuer: TestIssuer;
  let app: TestApp;
  let token: string;
  beforeEach(async () => {
    issuer = await TestIssuer.start();
    token = await issuer.token(ALICE);
  });
  afterEach(async () => {
    await app.close();
    await issuer.close();
  });

  async function start(cacheMs: number, sessions: boolean) {
    const verifier = new IntrospectionTokenVerifier({
      endpoint: `${issuer.url}/introspect`,
      issuer: issuer.url,
      clientId: 'server',
      clientSecret: 'secret',
      cacheMs,
    });
    app = await startProtected({
      platform,
      issuer,
      tools: [Tools],
      auth: { verifier, requiredScopes: ['a'] },
      mcp: sessions ? { sessionAdapter: new InMemorySessionAdapter() } : {},
    });
  }

  const openStreams = () => app.app.get(StreamableHttpTransport, { strict: false }).stats().streams;

  function post(body: object, headers: Record<string, string> = {}) {
    return new RawExchange(app.url, {
      method: 'POST',
      body,
      headers: { accept: 'application/json, text/event-stream', ...headers, ...bearer(token) },
    });
  }

  const listen = () =>
    post(...modern('subscriptions/listen', { notifications: { toolsListChanged: true } }, { id: 'sub' }));

  it.each([0, 1200])(
    'end when the answer of the authorization server no longer holds (%d ms)',
    async (cacheMs) => {
      await start(cacheMs, false);
      const call = (id: string) =>
        legacy('tools/call', { name: 'wait', arguments: {}, _meta: { progressToken: id } }, id);
      const streams = [listen(), post(call('called'))];
      await until(() => openStreams() === 2);
      issuer.revoked.add(token);
      await Promise.all(streams.map(({ closed }) => closed));
      expect((await app.post(legacy('ping'), bearer(token))).status).toBe(401);
    },
  );

  it('end in a session, too', async () => {
    await start(0, true);
    const session = await SessionClient.open(app, { headers: bearer(token) });
    const listening = session.listen();
    const call = session.begin('wait', {}, { progressToken: 1 });
    await until(() => openStreams() === 2);
    issuer.revoked.add(token);
    await Promise.all([listening.closed, call.closed]);
    expect((await session.request('ping')).status).toBe(401);
  });

  it('stay open while it is good, and while nobody can be asked', async () => {
    await start(0, false);
    const stream = listen();
    await until(() => openStreams() === 1);
    const asked = issuer.requests.introspect;
    await until(() => issuer.requests.introspect >= asked + 2);
    issuer.failsWith = 503;
    await until(() => issuer.failures >= 2);
    expect(openStreams()).toBe(1);
    issuer.failsWith = undefined;
    issuer.revoked.add(token);
    await stream.closed;
  });
});
