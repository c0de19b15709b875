import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';

/** Subject and purpose of a token. */
export interface Grant {
  readonly sub?: string;
  readonly client_id?: string;
  readonly scope?: string;
  readonly aud?: string | string[];
  readonly iss?: string;
  /** Seconds from now. @default 300 */
  readonly expiresIn?: number;
  readonly [claim: string]: unknown;
}

interface KeyPair {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** An issuer of real tokens: signs them, serves its keys and answers introspection over HTTP. */
export class TestIssuer {
  readonly requests = { jwks: 0, introspect: 0 };
  /** Status without a body, as an issuer in trouble answers. */
  failsWith: number | undefined;
  /** Requests that were answered so. */
  failures = 0;
  /** Answer of introspection about a token; by default that it is active. */
  readonly revoked = new Set<string>();
  readonly introspected: { authorization: string | undefined; form: Record<string, string> }[] = [];
  #claims = new Map<string, object>();
  #keys: KeyPair[] = [];

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<TestIssuer> {
    const server = createServer((request, response) => void issuer.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer: TestIssuer = new TestIssuer(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    await issuer.rotate();
    return issuer;
  }

  get jwksUrl(): string {
    return `${this.url}/jwks`;
  }

  get keys(): { keys: JWK[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  /** Signs with a new key from now on; the old ones are still published unless told otherwise. */
  async rotate({ alg = 'ES256', keepsOld = true }: { alg?: string; keepsOld?: boolean } = {}): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `key-${this.#keys.length + 1}-${alg}`;
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    this.#keys = [{ kid, alg, privateKey, jwk }, ...(keepsOld ? this.#keys : [])];
  }

  async token(grant: Grant = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const [key] = this.#keys as [KeyPair];
    const { expiresIn = 300, ...claims } = grant;
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.url, iat: now, exp: now + expiresIn, jti: crypto.randomUUID(), ...claims };
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
    this.#claims.set(token, payload);
    return token;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.failsWith !== undefined) {
      this.failures++;
      return void response.writeHead(this.failsWith).end();
    }
    if (request.url === '/jwks') {
      this.requests.jwks++;
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(this.keys));
    }
    if (request.url !== '/introspect') return void response.writeHead(404).end();
    this.requests.introspect++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    this.introspected.push({ authorization: request.headers.authorization, form });
    const { token = '' } = form;
    const claims = this.revoked.has(token) ? undefined : this.#claims.get(token);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(claims ? { active: true, ...claims } : { active: false }));
  }
}
