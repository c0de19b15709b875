import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JwtTokenVerifier, type JwtTokenVerifierOptions } from 'nestjs-mcp-adapters/jwt';
import { RESOURCE } from './fixture.js';
import { TestIssuer } from './issuer.js';

let issuer: TestIssuer;
beforeEach(async () => {
  await issuer?.close();
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

const ALICE = { sub: 'alice', client_id: 'app', aud: RESOURCE };
const verifierOf = (options: Partial<JwtTokenVerifierOptions> = {}) =>
  new JwtTokenVerifier({ issuer: issuer.url, jwksUrl: issuer.jwksUrl, ...options });

describe('keys', () => {
  it('are fetched when first needed, and once for all', async () => {
    const verifier = verifierOf();
    expect(issuer.requests.jwks).toBe(0);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token(ALICE)));
    const found = await Promise.all(tokens.map((token) => verifier.verify(token, RESOURCE)));
    expect(found.map((principal) => principal?.subject)).toEqual(tokens.map(() => 'alice'));
    expect(issuer.requests.jwks).toBe(1);
  });

  it('are fetched again for one that is new, and not for every one that nobody knows', async () => {
    const verifier = verifierOf({ jwksCooldownMs: 0 });
    await verifier.verify(await issuer.token(ALICE), RESOURCE);
    await issuer.rotate();
    expect(await verifier.verify(await issuer.token(ALICE), RESOURCE)).toMatchObject({ subject: 'alice' });
    expect(issuer.requests.jwks).toBe(2);

    const careful = verifierOf();
    await careful.verify(await issuer.token(ALICE), RESOURCE);
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(
        await careful.verify(await issuer.token(ALICE, { kid: `none-${attempt}` }), RESOURCE),
      ).toBeUndefined();
    }
    expect(issuer.requests.jwks).toBe(3);
  });

  it('are found where the token names none', async () => {
    await issuer.rotate();
    await issuer.rotate();
    const verifier = verifierOf();
    const nameless = await issuer.token(ALICE, { kid: undefined as never });
    expect(await verifier.verify(nameless, RESOURCE)).toMatchObject({ subject: 'alice' });
    const other = await TestIssuer.start();
    const forged = await other.token({ ...ALICE, iss: issuer.url }, { kid: undefined as never });
    expect(await verifier.verify(forged, RESOURCE)).toBeUndefined();
    await other.close();
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'of %s verify, unless the algorithm is not accepted',
    async (alg) => {
      await issuer.rotate({ alg });
      const token = await issuer.token(ALICE);
      expect(await verifierOf().verify(token, RESOURCE)).toMatchObject({ subject: 'alice' });
      expect(await verifierOf({ keys: issuer.keys }).verify(token, RESOURCE)).toBeDefined();
      expect(await verifierOf({ algorithms: ['ES512'] }).verify(token, RESOURCE)).toBeUndefined();
    },
  );

  it.each<[string, () => void | Promise<void>]>([
    ['fails', () => void (issuer.failsWith = 500)],
    ['is somewhere else', () => void (issuer.failsWith = 302)],
    ['is not there', () => issuer.close()],
  ])('cannot be had when the issuer %s, which says nothing of the token', async (_name, fail) => {
    const token = await issuer.token(ALICE);
    await fail();
    await expect(verifierOf().verify(token, RESOURCE)).rejects.toMatchObject({
      code: 'MCP_TOKEN_VERIFIER_UNAVAILABLE',
    });
  });
});

describe('a principal', () => {
  const read = async (claims: object, options?: Partial<JwtTokenVerifierOptions>) =>
    verifierOf(options).verify(await issuer.token({ aud: RESOURCE, sub: 'alice', ...claims }), RESOURCE);

  it('is read from the claims of the usual products', async () => {
    expect(await read({ client_id: 'app', scope: 'a b' })).toMatchObject({
      issuer: issuer.url,
      clientId: 'app',
      subject: 'alice',
      scopes: ['a', 'b'],
    });
    expect(await read({ azp: 'app', scp: 'a b' })).toMatchObject({ clientId: 'app', scopes: ['a', 'b'] });
    expect(await read({ scp: ['a', 'b', 7] })).toMatchObject({ scopes: ['a', 'b'] });
    expect((await read({}))?.scopes).toBeUndefined();
  });

  it('expires when the token does, clocks allowed for', async () => {
    const { expiresAt, claims } = (await read({}, { clockToleranceMs: 1000 })) ?? {};
    expect(expiresAt).toBe((claims?.['exp'] as number) * 1000 + 1000);
  });

  it('is what the application makes of the claims, or nobody', async () => {
    const principal = ({ sub, tenant }: any) => (tenant ? { subject: sub, issuer: tenant } : undefined);
    expect(await read({ tenant: 't1' }, { principal })).toEqual({ subject: 'alice', issuer: 't1' });
    expect(await read({}, { principal })).toBeUndefined();
  });

  it('may be meant for one of several audiences, or issuers', async () => {
    expect(await read({ aud: 'api://mcp' }, { audience: ['x', 'api://mcp'] })).toBeDefined();
    expect(await read({}, { audience: ['x', 'api://mcp'] })).toBeUndefined();
    expect(await read({}, { issuer: ['https://other.example', issuer.url] })).toBeDefined();
    expect(await read({}, { issuer: `${issuer.url}/` })).toBeUndefined();
    const verifier = verifierOf();
    const root = await issuer.token({ sub: 'alice', aud: 'https://mcp.example/' });
    expect(await verifier.verify(root, 'https://mcp.example')).toBeDefined();
    expect(await verifier.verify(root, undefined)).toBeUndefined();
  });
});
