import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  IntrospectionTokenVerifier,
  McpModule,
  McpPublic,
  McpRegistry,
  McpScopes,
  McpTool,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { JwtTokenVerifier, type JwtTokenVerifierOptions } from 'nestjs-mcp-adapters/jwt';
import { startApp } from '../../support/app.js';
import { protectedBy } from './fixture.js';
import { TestIssuer } from './issuer.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

const SERVERS = ['https://id.example'];
const boot = (options: McpModuleOptions, ...providers: (new () => object)[]) =>
  Test.createTestingModule({ imports: [McpModule.forRoot(options)], providers })
    .compile()
    .then((module) => module.createNestApplication({ logger: false }).init());

describe('an application does not start', () => {
  it.each<[name: string, options: () => McpModuleOptions, message: string]>([
    ['publicUrl without scheme', () => ({ publicUrl: 'mcp.example' }), 'publicUrl must hold URLs'],
    [
      'publicUrl without TLS',
      () => ({ publicUrl: 'http://mcp.example' }),
      'publicUrl must use https outside of a local network',
    ],
    [
      'publicUrl with a path',
      () => ({ publicUrl: 'https://mcp.example/mcp' }),
      'the path goes into publicPath',
    ],
    [
      'publicUrl with credentials',
      () => ({ publicUrl: 'https://a:b@mcp.example' }),
      'neither fragment nor credentials',
    ],
    [
      'no authorization server',
      () => ({ auth: { authorizationServers: [] } }),
      'auth.authorizationServers must name',
    ],
    [
      'an authorization server without TLS',
      () => ({ auth: { authorizationServers: ['http://id.example'] } }),
      'auth.authorizationServers must use https',
    ],
    [
      'a resource with a fragment',
      () => ({ auth: { authorizationServers: SERVERS, resource: 'https://mcp.example/mcp#x' } }),
      'auth.resource must have neither fragment',
    ],
    [
      'a scope that breaks headers',
      () => ({ auth: { authorizationServers: SERVERS, requiredScopes: ['a b'] } }),
      'auth.requiredScopes must hold scopes',
    ],
    [
      'a scope for refresh tokens',
      () => ({ auth: { authorizationServers: SERVERS, scopesSupported: ['offline_access'] } }),
      'auth.scopesSupported must not hold "offline_access"',
    ],
    [
      'scopes that imply no list',
      () => ({ auth: { authorizationServers: SERVERS, impliedScopes: { a: 'b' as never } } }),
      'auth.impliedScopes["a"] must be an array',
    ],
    [
      'a verifier that verifies nothing',
      () => ({ auth: { authorizationServers: SERVERS, verifier: { useFactory: () => ({}) as never } } }),
      'auth.verifier must have the method verify()',
    ],
    [
      'two that say who calls',
      () => ({ ...protectedBy(issuer), principal: () => ({ subject: 'root' }) }),
      'principal cannot be together with auth.verifier',
    ],
    [
      'nothing that a token could be meant for',
      () => ({ ...protectedBy(issuer), publicUrl: undefined as never }),
      'publicUrl is missing: tokens are held against it',
    ],
  ])('with %s', async (_name, options, message) => {
    await expect(boot(options())).rejects.toThrow(message);
  });

  it('with scopes that nobody would look at', async () => {
    @Injectable()
    class Tools {
      @McpTool({ name: 'locked' })
      @McpScopes('admin')
      locked() {}
    }
    await expect(boot({}, Tools)).rejects.toThrow(
      'Tools.locked needs the scopes admin, but the server takes no tokens',
    );
    const app = await startApp({ imports: [McpModule.forRoot({})] });
    const registry = app.app.get(McpRegistry, { strict: false });
    await expect(registry.addTool({ name: 'late', scopes: ['admin'] }, () => '')).rejects.toThrow(
      'McpRegistry.addTool("late") needs the scopes admin',
    );
    await app.close();
  });

  it('with what is public and needs scopes, or scopes that are none', async () => {
    @Injectable()
    class Both {
      @McpTool({ name: 'both' })
      @McpScopes('admin')
      @McpPublic()
      both() {}
    }
    @Injectable()
    class Quoted {
      @McpTool({ name: 'quoted' })
      @McpScopes('a"b')
      quoted() {}
    }
    await expect(boot(protectedBy(issuer), Both)).rejects.toThrow(
      'Both.both: what is public needs no scopes',
    );
    await expect(boot(protectedBy(issuer), Quoted)).rejects.toThrow('Quoted.quoted: "a\\"b" is no scope');
  });
});

describe('a verifier is not made', () => {
  const KEYS = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };

  it.each<[string, Partial<JwtTokenVerifierOptions>, string]>([
    ['without issuer', { issuer: '' }, 'issuer must be'],
    ['without keys', { jwksUrl: undefined as never }, 'needs the option jwksUrl or keys'],
    ['with keys from nowhere', { jwksUrl: 'keys.json' }, 'jwksUrl must be an https URL'],
    [
      'with a shared secret',
      { keys: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } },
      'must hold public keys only',
    ],
    ['with a private key', { keys: { keys: [{ ...KEYS.keys[0]!, d: 'd' }] } }, 'must hold public keys only'],
    ['with no algorithm', { algorithms: [] }, 'algorithms must be some of'],
    ['that accepts none', { algorithms: ['none'] }, 'not none'],
    ['that accepts shared secrets', { algorithms: ['RS256', 'HS256'] }, 'not HS256'],
    ['with an empty audience', { audience: '' }, 'audience must be'],
    ['with clocks that are hours apart', { clockToleranceMs: 3_600_000 }, 'clockToleranceMs must be'],
    ['that never waits', { timeoutMs: 0 }, 'timeoutMs must be'],
    ['with a cooldown before time', { jwksCooldownMs: -1 }, 'jwksCooldownMs must be'],
  ])('%s', (_name, options, message) => {
    const given = { issuer: 'https://id.example', jwksUrl: 'https://id.example/jwks', ...options };
    expect(() => new JwtTokenVerifier(given)).toThrow(`JwtTokenVerifier`);
    expect(() => new JwtTokenVerifier(given)).toThrow(message);
  });

  it.each([
    [{ endpoint: 'introspect' }, 'endpoint must be an https URL'],
    [{ clientSecret: '' }, 'clientSecret must be a string with content'],
    [{ cacheMs: -1 }, 'cacheMs must be'],
    [{ principal: 'sub' as never }, 'principal must be a function'],
  ])('to introspect with %j', (options, message) => {
    const given = {
      endpoint: 'https://id.example/introspect',
      issuer: 'https://id.example',
      clientId: 'mcp',
      clientSecret: 'secret',
      ...options,
    };
    expect(() => new IntrospectionTokenVerifier(given)).toThrow(message);
  });
});
