import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InMemorySessionAdapter,
  IntrospectionTokenVerifier,
  TokenVerifier,
  TokenVerifierUnavailableError,
  type IntrospectionTokenVerifierOptions,
} from 'nestjs-mcp-adapters';
import { legacy, type HttpAnswer } from '../../support/http.js';
import { SessionClient } from '../../support/session-client.js';
import { bearer, challengeOf, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';
import { Account } from './weather.js';

let issuer: TestIssuer;
beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(() => issuer.close());

const ALICE = { sub: 'alice', client_id: 'app', aud: RESOURCE, scope: 'a b' };
const verifierOf = (options: Partial<IntrospectionTokenVerifierOptions> = {}) =>
  new IntrospectionTokenVerifier({
    endpoint: `${issuer.url}/introspect`,
    issuer: issuer.url,
    clientId: 'mcp server',
    clientSecret: 's:cret&',
    ...options,
  });

describe('introspection', () => {
  it('asks with the credentials of the server, encoded as in a form', async () => {
    const token = await issuer.token(ALICE);
    expect(await verifierOf().verify(token, RESOURCE)).toMatchObject({
      issuer: issuer.url,
      clientId: 'app',
      subject: 'alice',
      scopes: ['a', 'b'],
    });
    const [{ authorization, form } = {} as never] = issuer.introspected;
    expect(Buffer.from(String(authorization).slice(6), 'base64').toString()).toBe('mcp+server:s%3Acret%26');
    expect(form).toEqual({ token, token_type_hint: 'access_token' });
  });

  it.each([
    ['of another server', { aud: 'https://other.example/mcp' }],
    ['of nobody in particular', { aud: undefined as never }],
    ['of another issuer', { iss: 'https://other.example' }],
    ['that has expired', { expiresIn: -6 }],
    ['that holds later only', { nbf: Math.floor(Date.now() / 1000) + 60 }],
    ['that is bound to a key', { cnf: { jkt: 'thumbprint' } }],
    ['that is bound to what is no key', { cnf: 'thumbprint' as never }],
  ])('refuses an active token %s', async (_name, claims) => {
    const verifier = verifierOf();
    expect(await verifier.verify(await issuer.token({ ...ALICE, ...claims }), RESOURCE)).toBeUndefined();
    expect(await verifier.verify(await issuer.token(ALICE), RESOURCE)).toBeDefined();
  });

  it('tells users apart whom the authorization server names, but gives no subject', async () => {
    const tokens = ['ada', 'bob'].map((username) =>
      issuer.token({ client_id: 'app', aud: RESOURCE, username, sub: undefined as never }),
    );
    const found = await Promise.all(
      (await Promise.all(tokens)).map((token) => verifierOf().verify(token, RESOURCE)),
    );
    expect(found.map((principal) => principal?.subject)).toEqual(['ada', 'bob']);
  });

  it.each([
    ['empty', ''],
    ['no text', { id: 1 }],
    ['null', null],
  ])('takes the name of the user where the subject is %s', async (_, sub) => {
    const token = await issuer.token({
      client_id: '',
      azp: 'app',
      aud: RESOURCE,
      username: 'ada',
      sub: sub as never,
    });
    expect(await verifierOf().verify(token, RESOURCE)).toMatchObject({ clientId: 'app', subject: 'ada' });
  });

  it('gives nobody an empty name', async () => {
    const token = await issuer.token({ aud: RESOURCE, sub: '', username: '', client_id: '' });
    const principal = await verifierOf().verify(token, RESOURCE);
    expect(principal).toMatchObject({ claims: { sub: '' } });
    expect(principal).not.toHaveProperty('subject');
    expect(principal).not.toHaveProperty('clientId');
  });

  it('leaves the audience to the authorization server only when told to', async () => {
    const token = await issuer.token({ ...ALICE, aud: undefined as never });
    expect(await verifierOf({ audience: false }).verify(token, undefined)).toBeDefined();
    expect(verifierOf().needsResource).toBe(true);
    expect(verifierOf({ audience: false }).needsResource).toBe(false);
  });

  it('asks once for the same token, for a while', async () => {
    const token = await issuer.token(ALICE);
    const verifier = verifierOf();
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token, RESOURCE)));
    expect(issuer.requests.introspect).toBe(1);
    issuer.revoked.add(token);
    expect(await verifier.verify(token, RESOURCE)).toBeDefined();

    const impatient = verifierOf({ cacheMs: 0 });
    expect(await impatient.verify(token, RESOURCE)).toBeUndefined();
  });

  it('never takes the verdict for one server for that of another', async () => {
    const token = await issuer.token(ALICE);
    const verifier = verifierOf();
    expect(await verifier.verify(token, RESOURCE)).toBeDefined();
    expect(await verifier.verify(token, 'https://other.example/mcp')).toBeUndefined();
  });

  it('keeps no more verdicts than it may', async () => {
    const verifier = verifierOf({ maxCached: 2 });
    const tokens = await Promise.all([1, 2, 3].map(() => issuer.token(ALICE)));
    for (const token of tokens) await verifier.verify(token, RESOURCE);
    for (const token of tokens.slice(1)) await verifier.verify(token, RESOURCE);
    expect(issuer.requests.introspect).toBe(3);
    await verifier.verify(tokens[0] as string, RESOURCE);
    expect(issuer.requests.introspect).toBe(4);
  });

  it('does not remember that it could not ask', async () => {
    const token = await issuer.token(ALICE);
    const verifier = verifierOf();
    issuer.failsWith = 401;
    await expect(verifier.verify(token, RESOURCE)).rejects.toBeInstanceOf(TokenVerifierUnavailableError);
    issuer.failsWith = undefined;
    expect(await verifier.verify(token, RESOURCE)).toBeDefined();
  });
});

describe('a verifier in trouble', () => {
  const logged: string[] = [];
  const logger = { log: () => {}, warn: () => {}, error: (...all: unknown[]) => logged.push(all.join(' ')) };
  const SECRET = 'very.secret.token';
  beforeEach(() => void logged.splice(0));

  const pingWith = async (verify: (token: string) => Promise<never>, times = 1) => {
    class Troubled extends TokenVerifier {
      verify(token: string) {
        return verify(token);
      }
    }
    const app = await startProtected({
      issuer,
      tools: [Account],
      auth: { verifier: Troubled },
      mcp: { logger },
    });
    const answers: HttpAnswer[] = [];
    while (answers.length < times) answers.push(await app.post(legacy('ping'), bearer(SECRET)));
    await app.close();
    return answers.at(-1) as HttpAnswer;
  };

  it('that cannot ask is answered 503, and logged once for as long as it lasts', async () => {
    const answer = await pingWith(() => Promise.reject(new TokenVerifierUnavailableError('no answer')), 3);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.has('www-authenticate')).toBe(false);
    expect(logged).toHaveLength(1);
  });

  it('that fails is answered 500; neither the log nor the client sees the token', async () => {
    const answer = await pingWith((token) => Promise.reject(new Error(`cannot parse ${token} of ${token}`)));
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('parse');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('cannot parse [token] of [token]');
    expect(logged[0]).not.toContain(SECRET);
  });

  it('that refuses in the words of Nest is answered 401', async () => {
    const { UnauthorizedException } = await import('@nestjs/common');
    const answer = await pingWith(() => Promise.reject(new UnauthorizedException()));
    expect(answer.status).toBe(401);
    expect(challengeOf(answer.headers)['error']).toBe('invalid_token');
    expect(logged).toEqual([]);
  });
});

describe('the verifier of a server', () => {
  it('that tells nobody apart leaves it to the tokens', async () => {
    class Anything extends TokenVerifier {
      verify() {
        return Promise.resolve({ scopes: [] });
      }
    }
    const app = await startProtected({
      issuer,
      tools: [Account],
      auth: { verifier: new Anything() },
      mcp: { sessionAdapter: new InMemorySessionAdapter() },
    });
    const session = await SessionClient.open(app, { headers: bearer('one') });
    expect((await session.request('ping')).status).toBe(200);
    expect((await session.with({ headers: bearer('two') }).request('ping')).status).toBe(404);
    await app.close();
  });

  it('may be built by Nest, and overridden in a test', async () => {
    class Fake extends TokenVerifier {
      verify(token: string) {
        return Promise.resolve(token === 'test' ? { subject: 'tester' } : undefined);
      }
    }
    const app = await startProtected({
      issuer,
      tools: [Account],
      auth: { verifier: { useFactory: () => verifierOf() } },
      override: (builder) => builder.overrideProvider(TokenVerifier).useValue(new Fake()),
    });
    const { json } = await app.post(legacy('tools/call', { name: 'profile' }), bearer('test'));
    expect(json.result.content[0].text).toBe('tester');
    expect((await app.post(legacy('ping'), bearer('other'))).status).toBe(401);
    await app.close();
  });
});
