import {
  Controller,
  Get,
  Module,
  RequestMethod,
  VersioningType,
  type INestApplication,
  type ModuleMetadata,
  type VersioningOptions,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { McpModule, McpTool, type McpModuleOptions } from 'nestjs-mcp-adapters';
import { createMcpTestClient } from 'nestjs-mcp-adapters/testing';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy, modern, send } from '../../support/http.js';
import { bearer, challengeOf } from '../auth/fixture.js';
import { PLACES } from './fixture.js';

const JSON_TYPE = { 'content-type': 'application/json' };

class Tools {
  @McpTool({ name: 'echo', input: { type: 'object' } })
  echo(args: object) {
    return JSON.stringify(args);
  }
}

@Controller('other')
class OtherController {
  @Get()
  get() {
    return 'other';
  }
}

/** A server of its own class, which a prefix of its own can be given to. */
class AdminMcpModule extends McpModule {}

describe.each(PLACES)('the place of the route on $title', ({ platform, mount }) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function start(
    configure: (app: INestApplication) => void,
    { imports = [], mcp = {} }: Pick<ModuleMetadata, 'imports'> & { mcp?: McpModuleOptions } = {},
  ) {
    app = await startApp({
      platform,
      configure,
      imports: [McpModule.forRoot({ mount, limits: { bodyBytes: 2000 }, ...mcp }), ...imports],
      providers: [Tools],
      controllers: [OtherController],
    });
    return app;
  }

  /** The endpoint is there, with its own rules for bodies. */
  async function expectServed({ origin }: TestApp, path: string, headers: Record<string, string> = {}) {
    const post = (body: string) => send(origin + path, { headers: { ...JSON_TYPE, ...headers }, body });
    expect((await post(JSON.stringify(legacy('ping', {}, 'x')))).json).toMatchObject({ id: 'x', result: {} });
    const [body, modernHeaders] = modern('tools/list', {}, { id: 'm' });
    const listed = await send(origin + path, {
      headers: { ...JSON_TYPE, ...modernHeaders, ...headers },
      body: JSON.stringify(body),
    });
    expect(listed.json.result.tools).toHaveLength(1);
    expect((await post('{')).json).toMatchObject({ id: null, error: { code: -32700 } });
    expect((await post(JSON.stringify(legacy('ping', { text: 'x'.repeat(2000) })))).status).toBe(413);
  }

  async function expectMissing({ origin }: TestApp, path: string) {
    const answer = await send(origin + path, { headers: JSON_TYPE, body: JSON.stringify(legacy('ping')) });
    expect([answer.status, answer.json?.jsonrpc]).toEqual([404, undefined]);
  }

  it('has the prefix that RouterModule gives the module', async () => {
    const imports = [RouterModule.register([{ path: 'tenant', module: McpModule }])];
    const started = await start(() => {}, { imports });
    await expectServed(started, '/tenant/mcp');
    await expectMissing(started, '/mcp');
  });

  it('has the prefixes of application, parent and module, and the version', async () => {
    @Module({})
    class ParentModule {}
    const children = [{ path: 'ai', module: McpModule }];
    const imports = [
      ParentModule,
      RouterModule.register([{ path: 'parent', module: ParentModule, children }]),
    ];
    const started = await start(
      (nest) => {
        nest.setGlobalPrefix('api');
        nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
      },
      { imports },
    );
    await expectServed(started, '/api/v2/parent/ai/mcp');
    await expectMissing(started, '/mcp');
    await expectMissing(started, '/api/v2/mcp');
    const client = await createMcpTestClient(started.app);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['echo']);
    await client.close();
  });

  it('keeps parameters of a prefix', async () => {
    const imports = [RouterModule.register([{ path: 'tenants/:tenant', module: McpModule }])];
    const started = await start(() => {}, { imports });
    await expectServed(started, '/tenants/a/mcp');
    await expectServed(started, '/tenants/b/mcp');
    await expectMissing(started, '/mcp');
  });

  it('is that of each of several servers', async () => {
    const imports = [
      AdminMcpModule.forRoot({ name: 'admin', mount, limits: { bodyBytes: 2000 } }),
      RouterModule.register([{ path: 'admin', module: AdminMcpModule }]),
      McpModule.forRoot({ name: 'third', path: '/third', mount, limits: { bodyBytes: 2000 } }),
    ];
    const started = await start((nest) => nest.setGlobalPrefix('api'), { imports });
    for (const path of ['/api/mcp', '/api/admin/mcp', '/api/third']) {
      const { json } = await send(started.origin + path, {
        headers: JSON_TYPE,
        body: JSON.stringify(legacy('ping', {}, 'x')),
      });
      expect(json).toMatchObject({ id: 'x', result: {} });
      expect((await send(started.origin + path, { headers: JSON_TYPE, body: '{' })).json.error.code).toBe(
        -32700,
      );
    }
    await expectMissing(started, '/api/admin/third');
  });

  it.each([
    ['all methods', RequestMethod.ALL, '/mcp', '/api/mcp'],
    // The route is one for all methods: what is excluded for one of them does not concern it.
    ['POST', RequestMethod.POST, '/api/mcp', '/mcp'],
    ['GET', RequestMethod.GET, '/api/mcp', '/mcp'],
  ] as const)('follows an exclusion of %s from the global prefix', async (_name, method, there, missing) => {
    const started = await start((nest) =>
      nest.setGlobalPrefix('api', { exclude: [{ path: 'mcp', method }] }),
    );
    await expectServed(started, there);
    await expectMissing(started, missing);
  });

  it.each<[string, VersioningOptions]>([
    ['header', { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' }],
    ['header, several', { type: VersioningType.HEADER, header: 'x-version', defaultVersion: ['1', '2'] }],
    ['media type', { type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: '1' }],
    ['custom', { type: VersioningType.CUSTOM, extractor: () => '7', defaultVersion: '1' }],
    ['no default', { type: VersioningType.HEADER, header: 'x-version' }],
  ])('is there for any version under versioning by %s', async (_name, versioning) => {
    const started = await start((nest) => nest.enableVersioning(versioning));
    await expectServed(started, '/mcp');
    await expectServed(started, '/mcp', { 'x-version': '1' });
    await expectServed(started, '/mcp', { 'x-version': '9' });
  });

  it('is there with a slash at its end', async () => {
    const started = await start((nest) => nest.setGlobalPrefix('api'));
    await expectServed(started, '/api/mcp/');
    await expectServed(started, '/api/mcp/?a=1');
  });

  it('is what the OAuth metadata names', async () => {
    const started = await start((nest) => nest.setGlobalPrefix('api'), {
      imports: [RouterModule.register([{ path: 'tenant', module: McpModule }])],
      mcp: {
        publicUrl: 'https://mcp.example',
        auth: {
          authorizationServers: ['https://as.example'],
          verifier: { verify: async () => undefined } as never,
        },
      },
    });
    const refused = await send(`${started.origin}/api/tenant/mcp`, {
      headers: { ...JSON_TYPE, ...bearer('x') },
      body: JSON.stringify(legacy('ping')),
    });
    expect(refused.status).toBe(401);
    const metadata = 'https://mcp.example/.well-known/oauth-protected-resource/api/tenant/mcp';
    expect(challengeOf(refused.headers)['resource_metadata']).toBe(metadata);
    const document = await send(started.origin + new URL(metadata).pathname, { method: 'GET' });
    expect(document.json.resource).toBe('https://mcp.example/api/tenant/mcp');
  });
});

it('refuses two servers whose prefixes lead to one path', async () => {
  const starting = startApp({
    imports: [
      McpModule.forRoot({ path: '/a/mcp' }),
      AdminMcpModule.forRoot({ name: 'admin' }),
      RouterModule.register([{ path: 'a', module: AdminMcpModule }]),
    ],
  });
  await expect(starting).rejects.toThrow('"/a/mcp" belongs to');
});
