import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, VersioningType, type INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { McpModule, StreamableHttpTransport, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { legacy, send } from '../../support/http.js';
import { challengeOf, protectedBy } from './fixture.js';
import { TestIssuer } from './issuer.js';
import { Account } from './weather.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.close());

describe.each(PLATFORMS)('metadata of the protected resource on %s', (platform) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (mcp: McpModuleOptions, configure?: (nest: INestApplication) => void) => {
    const refuseAll = { provide: APP_GUARD, useValue: { canActivate: () => false } };
    app = await startApp({
      platform,
      imports: [McpModule.forRoot({ ...protectedBy(issuer), ...mcp })],
      providers: [Account, ...(configure ? [] : [refuseAll])],
      ...(configure && { configure }),
    });
  };
  const document = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await send(app.origin + path, { method: 'GET', headers });
    return { ...answer, json: answer.status === 200 ? JSON.parse(answer.text) : undefined };
  };
  const challenged = async (path: string, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(legacy('ping'));
    const answer = await send(app.origin + path, {
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    expect(answer.status).toBe(401);
    return challengeOf(answer.headers)['resource_metadata'];
  };

  it('is at the path of the endpoint below the well-known one, whatever guards say', async () => {
    await start({
      serverInfo: { name: 'weather', title: 'Weather', version: '1' },
      auth: {
        ...protectedBy(issuer).auth!,
        scopesSupported: ['weather:read'],
        resourceDocumentation: 'https://docs.example/mcp',
      },
    });
    const { status, json, headers } = await document(`${WELL_KNOWN}/mcp`);
    expect(status).toBe(200);
    expect(json).toEqual({
      resource: 'https://mcp.example/mcp',
      authorization_servers: [issuer.url],
      scopes_supported: ['weather:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Weather',
      resource_documentation: 'https://docs.example/mcp',
    });
    expect(headers.get('content-type')).toBe('application/json');
    expect((await document(WELL_KNOWN)).status).toBe(404);
  });

  it('is open to pages of every origin, with the headers that clients send', async () => {
    await start({});
    const { headers } = await document(`${WELL_KNOWN}/mcp`, { origin: 'https://any.example' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await send(`${app.origin}${WELL_KNOWN}/mcp`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://any.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
  });

  it('stays outside global prefix and version, and describes the path inside of them', async () => {
    await start({}, (nest) => {
      nest.setGlobalPrefix('api');
      nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    });
    const { json } = await document(`${WELL_KNOWN}/api/v1/mcp`);
    expect(json.resource).toBe('https://mcp.example/api/v1/mcp');
    expect(await challenged('/api/v1/mcp')).toBe(`https://mcp.example${WELL_KNOWN}/api/v1/mcp`);
    expect((await document(`/api/v1${WELL_KNOWN}/mcp`)).status).toBe(404);
  });

  it('tells each version of the endpoint apart', async () => {
    await start({}, (nest) => {
      nest.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });
    });
    expect((await document(`${WELL_KNOWN}/v2/mcp`)).json.resource).toBe('https://mcp.example/v2/mcp');
    expect(await challenged('/v2/mcp')).toBe(`https://mcp.example${WELL_KNOWN}/v2/mcp`);
    expect(await challenged(platform === 'express' ? '/v1/MCP/' : '/v1/mcp')).toBe(
      `https://mcp.example${WELL_KNOWN}/v1/mcp`,
    );
  });

  it('names the path that a proxy shows, and is there under that too', async () => {
    await start({ publicPath: '/tools/mcp' }, () => {});
    expect((await document(`${WELL_KNOWN}/tools/mcp`)).json.resource).toBe('https://mcp.example/tools/mcp');
    expect((await document(`${WELL_KNOWN}/mcp`)).json.resource).toBe('https://mcp.example/tools/mcp');
    expect(await challenged('/mcp')).toBe(`https://mcp.example${WELL_KNOWN}/tools/mcp`);
  });

  it('describes the resource that was named', async () => {
    const { publicUrl: _, auth } = protectedBy(issuer);
    await start(
      { publicUrl: undefined as never, auth: { ...auth!, resource: 'https://other.example/x' } },
      () => {},
    );
    expect((await document(`${WELL_KNOWN}/x`)).json.resource).toBe('https://other.example/x');
    expect(await challenged('/mcp')).toBe(`https://other.example${WELL_KNOWN}/x`);
  });

  it('takes its URL from the request where none is configured, but not from headers nobody trusts', async () => {
    const { auth } = protectedBy(issuer, {}, { audience: 'api' });
    await start({ publicUrl: undefined as never, auth: auth! }, () => {});
    const forged = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    expect((await document(`${WELL_KNOWN}/mcp`, forged)).json.resource).toBe(`${app.origin}/mcp`);
    expect(await challenged('/mcp', forged)).toBe(`${app.origin}${WELL_KNOWN}/mcp`);
  });
});

describe.each(PLATFORMS)('behind a proxy that %s trusts', (platform) => {
  it('takes its URL from forwarded headers', async () => {
    const { auth } = protectedBy(issuer, {}, { audience: 'api' });
    const module = await Test.createTestingModule({
      imports: [McpModule.forRoot({ auth: auth! })],
      providers: [Account],
    }).compile();
    const nest =
      platform === 'fastify'
        ? module.createNestApplication(new FastifyAdapter({ trustProxy: true }), { logger: false })
        : module.createNestApplication({ logger: false });
    if (platform === 'express') nest.getHttpAdapter().getInstance().set('trust proxy', true);
    await nest.listen(0, '127.0.0.1');
    const headers = { 'x-forwarded-host': 'mcp.example', 'x-forwarded-proto': 'https' };
    const answer = await send(`${await nest.getUrl()}${WELL_KNOWN}/mcp`, { method: 'GET', headers });
    expect(JSON.parse(answer.text).resource).toBe('https://mcp.example/mcp');
    await nest.close();
  });
});

describe('several servers of one application', () => {
  it('have a document each, with their own scopes, and take no tokens of each other', async () => {
    const server = (name: string) =>
      McpModule.forRoot({
        ...protectedBy(issuer, { scopesSupported: [`${name}:read`], requiredScopes: [`${name}:read`] }),
        name,
        path: `/${name}`,
      });
    const app = await startApp({
      imports: [
        server('one'),
        server('two'),
        McpModule.forRoot({ path: '/open' }),
        McpModule.forFeature([Account], 'one'),
      ],
    });
    const read = async (path: string) => (await fetch(`${app.origin}${WELL_KNOWN}${path}`)).json() as any;
    expect(await read('/one')).toMatchObject({
      resource: 'https://mcp.example/one',
      scopes_supported: ['one:read'],
    });
    expect(await read('/two')).toMatchObject({
      resource: 'https://mcp.example/two',
      scopes_supported: ['two:read'],
    });
    expect((await fetch(`${app.origin}${WELL_KNOWN}/open`)).status).toBe(404);

    const scope = 'one:read two:read';
    const token = await issuer.token({ sub: 'alice', scope, aud: 'https://mcp.example/one' });
    const ping = async (path: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      return (await send(app.origin + path, { headers, body: JSON.stringify(legacy('ping')) })).status;
    };
    expect([await ping('/one'), await ping('/two'), await ping('/open')]).toEqual([200, 401, 200]);
    await app.close();
  });
});

it('points to the route of the server from a controller of its own, or to the path that is named', async () => {
  @Controller('own')
  class OwnController {
    @Get('health')
    health() {
      return 'fine';
    }
  }
  for (const [publicPath, expected] of [
    [undefined, '/mcp'],
    ['/own/mcp', '/own/mcp'],
  ] as const) {
    const app = await startApp({
      imports: [McpModule.forRoot({ ...protectedBy(issuer), ...(publicPath && { publicPath }) })],
      controllers: [OwnController],
      providers: [Account],
      configure: (nest) => {
        nest.use('/own/mcp', (request: unknown, response: unknown) =>
          nest.get(StreamableHttpTransport, { strict: false }).handleRequest(request, response),
        );
      },
    });
    const { status, headers } = await send(`${app.origin}/own/mcp`, { method: 'GET' });
    expect(status).toBe(401);
    expect(challengeOf(headers)['resource_metadata']).toBe(`https://mcp.example${WELL_KNOWN}${expected}`);
    await app.close();
  }
});
