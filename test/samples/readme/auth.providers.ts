import { IntrospectionTokenVerifier, type McpAuthOptions } from 'nestjs-mcp-adapters';
import { JwtTokenVerifier } from 'nestjs-mcp-adapters/jwt';

const realm = 'https://keycloak.example/realms/main';

export const keycloak: McpAuthOptions = {
  authorizationServers: [realm],
  verifier: new JwtTokenVerifier({ issuer: realm, jwksUrl: `${realm}/protocol/openid-connect/certs` }),
  scopesSupported: ['notes:read'],
};

// With its last slash, as in the tokens.
const tenant = 'https://tenant.eu.auth0.com/';

export const auth0: McpAuthOptions = {
  authorizationServers: [tenant],
  verifier: new JwtTokenVerifier({
    issuer: tenant,
    jwksUrl: `${tenant}.well-known/jwks.json`,
    algorithms: ['RS256'],
  }),
  scopesSupported: ['notes:read'],
};

const directory = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555';
const api = '66666666-7777-8888-9999-000000000000';

export const entra: McpAuthOptions = {
  authorizationServers: [`${directory}/v2.0`],
  verifier: new JwtTokenVerifier({
    issuer: `${directory}/v2.0`,
    jwksUrl: `${directory}/discovery/v2.0/keys`,
    audience: api,
    // Asked for as api://…/notes.read, a scope is notes.read in the token.
    principal: ({ iss, azp, sub, scp, exp, ...claims }) => ({
      issuer: String(iss),
      clientId: String(azp),
      subject: String(sub),
      scopes: (scp as string).split(' ').map((scope) => `api://${api}/${scope}`),
      expiresAt: Number(exp) * 1000,
      claims,
    }),
  }),
  scopesSupported: [`api://${api}/notes.read`],
};

export const opaque: McpAuthOptions = {
  authorizationServers: ['https://id.example'],
  verifier: {
    useFactory: () =>
      new IntrospectionTokenVerifier({
        endpoint: 'https://id.example/introspect',
        issuer: 'https://id.example',
        clientId: 'notes-server',
        clientSecret: process.env['INTROSPECTION_SECRET'] ?? '',
      }),
  },
};
