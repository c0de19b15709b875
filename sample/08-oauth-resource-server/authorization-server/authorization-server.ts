import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { errors, Provider } from 'oidc-provider';

/** Resource that the server issues tokens for. */
export interface AuthorizationServerOptions {
  readonly port: number;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** Where it is, as its metadata says too. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly jwksUrl: string;
}

/**
 * Stands for the identity product of a real deployment. Keeps all in memory, and believes whatever name a user signs
 * in with. Clients register themselves; tokens are for the one resource it was told of.
 */
export async function startAuthorizationServer({
  port,
  resource,
  scopes,
}: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  // It ends with the application, which is what the process is for.
  server.unref();
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });

  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', ...scopes],
    clientBasedCORS: () => true,
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // Clients of MCP are public: what they are issued changes with every use.
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // They register with the scopes they need at first, and must not be held to these: they come back for more.
    extraClientMetadata: {
      properties: ['registered_scope'],
      validator: (
        _context: unknown,
        _key: string,
        _value: unknown,
        metadata: { scope?: string | undefined },
      ) => {
        metadata.scope = undefined;
      },
    },
    ttl: { AccessToken: 300, Grant: 86_400, Interaction: 600, RefreshToken: 86_400, Session: 86_400 },
    features: {
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, indicator: string) => {
          if (indicator !== resource) throw new errors.InvalidTarget();
          return {
            scope: scopes.join(' '),
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
  });
  server.on('request', provider.callback());
  return { issuer, jwksUrl: `${issuer}/jwks` };
}
