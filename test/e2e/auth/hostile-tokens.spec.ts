import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TestApp } from '../../support/app.js';
import { legacy } from '../../support/http.js';
import { bearer, challengeOf, RESOURCE, startProtected } from './fixture.js';
import { TestIssuer } from './issuer.js';
import { Account } from './weather.js';

const ALICE = { sub: 'alice', client_id: 'app', aud: RESOURCE };
const logged: unknown[] = [];
const logger = { log: () => {}, warn: () => {}, error: (...all: unknown[]) => logged.push(...all) };

let issuer: TestIssuer;
let evil: TestIssuer;
let app: TestApp;
beforeAll(async () => {
  [issuer, evil] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
  app = await startProtected({ issuer, tools: [Account], mcp: { logger } });
});
afterAll(() => Promise.all([app.close(), issuer.close(), evil.close()]));

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const ping = (token: string) => app.post(legacy('ping'), bearer(token));
const claims = () => ({ ...ALICE, iss: issuer.url, exp: Math.floor(Date.now() / 1000) + 300 });
const kid = () => issuer.keys.keys[0]?.kid as string;

/** Signs a header of the attacker's own with the public key, as if it were a shared secret. */
function confused(header: object, secret: string): string {
  const signed = `${encode(header)}.${encode(claims())}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const HOSTILE: [name: string, make: () => Promise<string> | string][] = [
  ['of another issuer with a key of its own', () => evil.token({ ...ALICE, aud: RESOURCE })],
  [
    'of another issuer under the name of ours',
    () => evil.token({ ...ALICE, iss: issuer.url }, { kid: kid() }),
  ],
  ['for another server', () => issuer.token({ ...ALICE, aud: 'https://other.example/mcp' })],
  ['for a server whose URL begins like ours', () => issuer.token({ ...ALICE, aud: `${RESOURCE}/admin` })],
  ['for nobody in particular', () => issuer.token({ ...ALICE, aud: undefined as never })],
  ['for an audience that is no text', () => issuer.token({ ...ALICE, aud: { toString: RESOURCE } as never })],
  ['that has expired', () => issuer.token({ ...ALICE, expiresIn: -6 })],
  ['that never expires', () => issuer.token({ ...ALICE, exp: undefined })],
  ['that expires on no number', () => issuer.token({ ...ALICE, exp: 'tomorrow' })],
  ['that holds later only', () => issuer.token({ ...ALICE, nbf: Math.floor(Date.now() / 1000) + 60 })],
  ['that is an identity', () => issuer.token(ALICE, { typ: 'logout+jwt' })],
  ['for something else', () => issuer.token(ALICE, { typ: 'secevent+jwt' })],
  ['that is bound to a key', () => issuer.token({ ...ALICE, cnf: { jkt: 'thumbprint' } })],
  ['that is bound to what is no key', () => issuer.token({ ...ALICE, cnf: 'thumbprint' })],
  ['that is bound to a list', () => issuer.token({ ...ALICE, cnf: ['thumbprint'] as never })],
  ['with a key that nobody has', () => issuer.token(ALICE, { kid: 'unknown' })],
  ['that has no signature', () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims())}.`],
  ['that says its signature is none', async () => `${encode({ alg: 'None' })}.${encode(claims())}.AAAA`],
  [
    'signed with the public key',
    () => confused({ alg: 'HS256', kid: kid() }, JSON.stringify(issuer.keys.keys[0])),
  ],
  [
    'signed with the public key as PEM',
    () => {
      const key = createPublicKey({ key: issuer.keys.keys[0] as never, format: 'jwk' });
      return confused({ alg: 'HS256', kid: kid() }, key.export({ type: 'spki', format: 'pem' }).toString());
    },
  ],
  [
    'that brings its own key',
    async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(publicKey);
      return new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', jwk, typ: 'at+jwt' }).sign(privateKey);
    },
  ],
  ['that says where its key is', () => evil.token({ ...claims() }, { jku: evil.jwksUrl })],
  ['that says where its certificate is', () => evil.token({ ...claims() }, { x5u: evil.jwksUrl })],
  [
    'with an extension that must be understood',
    () => `${encode({ alg: 'ES256', kid: kid(), crit: ['x'], x: 1 })}.${encode(claims())}.AAAA`,
  ],
  [
    'whose payload was exchanged',
    async () => {
      const [header, , signature] = (await issuer.token(ALICE)).split('.');
      return `${header}.${encode({ ...claims(), sub: 'root' })}.${signature}`;
    },
  ],
  ['whose signature was cut', async () => (await issuer.token(ALICE)).slice(0, -8)],
  ['that is encrypted', () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
  ['whose header is a list', () => `${encode([])}.${encode(claims())}.AAAA`],
  ['whose header is null', () => `${encode(null)}.${encode(claims())}.AAAA`],
  ['whose header is no JSON', () => `AAAA.${encode(claims())}.AAAA`],
  ['whose header names a number', () => `${encode({ alg: 1, kid: {} })}.${encode(claims())}.AAAA`],
  [
    'whose payload is deep',
    () =>
      `${encode({ alg: 'ES256', kid: kid() })}.${Buffer.from('['.repeat(5000)).toString('base64url')}.AAAA`,
  ],
  ['of dots', () => '.'.repeat(1000)],
  ['of one part', () => 'x'],
  ['that is long', () => 'x'.repeat(12_000)],
  ['called undefined', () => 'undefined'],
  ['called __proto__', () => '__proto__'],
];

describe('a hostile token', () => {
  it.each(HOSTILE)('%s is answered 401', async (_name, make) => {
    const answer = await ping(await make());
    expect(answer.status).toBe(401);
    expect(challengeOf(answer.headers)['error']).toBe('invalid_token');
    expect(logged).toEqual([]);
  });

  it('makes the server ask nobody but the issuer it was told of', () => {
    expect(evil.requests.jwks).toBe(0);
  });

  it('does not keep good ones out', async () => {
    expect((await ping(await issuer.token(ALICE))).status).toBe(200);
    expect((await ping(await issuer.token({ ...ALICE, aud: ['api', RESOURCE] }))).status).toBe(200);
    expect((await ping(await issuer.token(ALICE, { typ: 'application/AT+JWT' }))).status).toBe(200);
    expect((await ping(await issuer.token(ALICE, { typ: 'JWT' }))).status).toBe(200);
    expect((await ping(await issuer.token({ ...ALICE, expiresIn: -1 }))).status).toBe(200);
  });
});
