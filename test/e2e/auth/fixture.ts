import type { Type } from '@nestjs/common';
import { McpModule, type McpAuthOptions, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { JwtTokenVerifier, type JwtTokenVerifierOptions } from 'nestjs-mcp-adapters/jwt';
import { startApp, type AppOptions, type TestApp } from '../../support/app.js';
import type { TestIssuer } from './issuer.js';

export const RESOURCE = 'https://mcp.example/mcp';
export const METADATA = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';

export interface ProtectedSetup extends AppOptions {
  readonly issuer: TestIssuer;
  readonly mcp?: McpModuleOptions;
  readonly auth?: Partial<McpAuthOptions>;
  readonly jwt?: Partial<JwtTokenVerifierOptions>;
  readonly tools?: readonly Type[];
}

/** Options of a server that takes the tokens of an issuer. */
export function protectedBy(
  issuer: TestIssuer,
  auth: Partial<McpAuthOptions> = {},
  jwt: Partial<JwtTokenVerifierOptions> = {},
): McpModuleOptions {
  return {
    publicUrl: 'https://mcp.example',
    auth: {
      authorizationServers: [issuer.url],
      verifier: new JwtTokenVerifier({ issuer: issuer.url, jwksUrl: issuer.jwksUrl, ...jwt }),
      ...auth,
    },
  };
}

export function startProtected({
  issuer,
  mcp = {},
  auth,
  jwt,
  tools = [],
  ...options
}: ProtectedSetup): Promise<TestApp> {
  return startApp({
    ...options,
    imports: [McpModule.forRoot({ ...protectedBy(issuer, auth, jwt), ...mcp }), ...(options.imports ?? [])],
    providers: [...tools, ...(options.providers ?? [])],
  });
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** The parameters of a challenge. */
export function challengeOf(headers: Headers): Record<string, string> {
  const value = headers.get('www-authenticate') ?? '';
  if (!value.startsWith('Bearer')) throw new Error(`No challenge: ${value}`);
  return Object.fromEntries(Array.from(value.matchAll(/(\w+)="([^"]*)"/g), ([, name, text]) => [name, text]));
}
