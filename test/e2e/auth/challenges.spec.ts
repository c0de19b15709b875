import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS, type TestApp } from '../../support/app.js';
import { askIn, ERAS } from '../../support/ask.js';
import { legacy, send } from '../../support/http.js';
import { bearer, challengeOf, METADATA, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';

@Injectable()
class Tools {
  @McpTool({ name: 'who' })
  who(_: unknown, { principal }: McpContext) {
    return { ...principal, claims: undefined };
  }
}

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

const ALICE = { sub: 'alice', client_id: 'app', scope: 'weather:read other', aud: RESOURCE };

describe.each(PLATFORMS)('a server that asks for tokens, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startProtected({
      platform,
      issuer,
      tools: [Tools],
      auth: { requiredScopes: ['weather:read'] },
      configure: (nest) => void nest.enableCors({ origin: 'http://localhost:5173' }),
    });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('asked by a %s client', (era) => {
    const call = (headers: Record<string, string>) => askIn(app, era)('tools/call', { name: 'who' }, headers);

    it('serves the principal of a good token', async () => {
      const { status, json } = await call(bearer(await issuer.token(ALICE)));
      expect(status).toBe(200);
      expect(json.result.structuredContent).toMatchObject({
        issuer: issuer.url,
        clientId: 'app',
        subject: 'alice',
        scopes: ['weather:read', 'other'],
      });
    });

    it('answers 401 without a token, saying where to get one and nothing of an error', async () => {
      const { status, json, headers } = await call({});
      expect(status).toBe(401);
      expect(json.error).toEqual({ code: -32600, message: 'An access token is required' });
      expect(challengeOf(headers)).toEqual({ resource_metadata: METADATA, scope: 'weather:read' });
    });

    it('repeats no scope of the token that a header cannot hold', async () => {
      const scope = 'chat "x", error="none größer 読む a\\b';
      const { status, headers } = await call(bearer(await issuer.token({ ...ALICE, scope })));
      expect(status).toBe(403);
      expect(challengeOf(headers)).toMatchObject({ error: 'insufficient_scope', scope: 'chat weather:read' });
    });

    it.each(['Bearer nonsense', 'bearer nonsense', 'Bearer', 'Bearer a b', 'Bearer ü'.normalize()])(
      'answers 401 to "%s"',
      async (authorization) => {
        const encoded = Buffer.from(authorization).toString('latin1');
        const { status, headers } = await call({ authorization: encoded });
        expect(status).toBe(401);
        expect(challengeOf(headers)).toMatchObject({ error: 'invalid_token', resource_metadata: METADATA });
      },
    );

    it('takes other schemes for no token', async () => {
      const { status, headers } = await call({ authorization: 'Basic YTpi' });
      expect(status).toBe(401);
      expect(challengeOf(headers)).not.toHaveProperty('error');
    });

    it('answers 403 when the token lacks a scope that everything needs, naming what it has too', async () => {
      const { status, headers, json } = await call(bearer(await issuer.token({ ...ALICE, scope: 'other' })));
      expect(status).toBe(403);
      expect(json.error.code).toBe(-32600);
      expect(challengeOf(headers)).toMatchObject({
        error: 'insufficient_scope',
        scope: 'other weather:read',
        resource_metadata: METADATA,
      });
    });

    it('answers a client that only takes streams with the status, not with a stream', async () => {
      const { status, headers } = await call({ accept: 'text/event-stream' });
      expect(status).toBe(401);
      expect(headers.get('content-type')).toBe('application/json');
    });
  });

  it.each(['GET', 'DELETE', 'PUT', 'HEAD'])('challenges %s too', async (method) => {
    const { status, headers } = await send(app.url, { method });
    expect(status).toBe(401);
    expect(challengeOf(headers)).toHaveProperty('resource_metadata', METADATA);
  });

  it('never challenges a preflight', async () => {
    const headers = {
      origin: 'http://localhost:5173',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const answer = await send(app.url, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.has('www-authenticate')).toBe(false);
  });

  it('lets pages read the challenge', async () => {
    const { headers } = await send(app.url, {
      headers: { origin: 'http://localhost:5173', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  it('does not accept a token in the query string, not even a good one beside a good header', async () => {
    const token = await issuer.token(ALICE);
    for (const headers of [{}, bearer(token)]) {
      const body = JSON.stringify(legacy('ping'));
      const url = `${app.url}?a=1&access_token=${token}`;
      const answer = await send(url, { headers: { 'content-type': 'application/json', ...headers }, body });
      expect(answer.status).toBe(400);
      expect(challengeOf(answer.headers)).toMatchObject({ error: 'invalid_request' });
      expect(answer.text).not.toContain(token);
    }
  });

  it('does not choose among several Authorization headers', async () => {
    const token = await issuer.token(ALICE);
    const headers = ['host', 'localhost', 'content-type', 'application/json'];
    for (const scheme of [`Bearer ${token}`, 'Bearer bad']) {
      const both = [...headers, 'Authorization', `Bearer ${token}`, 'authorization', scheme];
      const answer = await send(app.url, { headers: both, body: JSON.stringify(legacy('ping')) });
      expect(answer.status).toBe(400);
      expect(challengeOf(answer.headers)).toMatchObject({ error: 'invalid_request' });
    }
  });

  it('looks at the token before the body', async () => {
    const answer = await send(app.url, { headers: { 'content-type': 'text/plain' }, body: '{' });
    expect(answer.status).toBe(401);
  });
});
