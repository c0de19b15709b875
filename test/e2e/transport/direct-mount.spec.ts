import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { McpModule, McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { createPoster, legacy, modern, send } from '../../support/http.js';
import { startTransport } from './fixture.js';

const ORIGIN = 'https://app.example';

@Injectable()
class RequestTools {
  static readonly seen: { request: any; response: any }[] = [];

  @McpTool()
  look(_args: unknown, ctx: McpContext) {
    RequestTools.seen.push(ctx.http as { request: any; response: any });
    return 'seen';
  }
}

/** Notes where it runs; lets nothing with `x-refuse` through. */
@Injectable()
class WatchingGuard implements CanActivate {
  static readonly contexts: string[] = [];

  canActivate(context: ExecutionContext): boolean {
    WatchingGuard.contexts.push(context.getType());
    return context.switchToHttp().getRequest().headers['x-refuse'] === undefined;
  }
}

@Controller()
class OtherController {
  @Get('other')
  other() {
    return 'other';
  }

  @Get('mcp/below')
  below() {
    return 'below';
  }
}

const call = (name: string) => legacy('tools/call', { name, arguments: {} });

describe.each(PLATFORMS)('mounted directly on %s', (platform) => {
  let app: TestApp;
  const middleware: string[] = [];
  const observed: string[] = [];

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [
        McpModule.forRoot({ mount: 'direct', allowedOrigins: [ORIGIN] }),
        McpModule.forFeature([RequestTools]),
        McpModule.forRoot({ mount: 'direct', name: 'second', path: '/tenants/:tenant/mcp', include: [] }),
      ],
      controllers: [OtherController],
      providers: [{ provide: APP_GUARD, useClass: WatchingGuard }],
      configure: (nest) => {
        nest.use((request: { originalUrl: string }, _response: unknown, next: () => void) => {
          middleware.push(request.originalUrl);
          next();
        });
        nest.getHttpServer().on('request', (request: { url: string }) => observed.push(request.url));
      },
    });
  });
  afterAll(() => app.close());

  it('runs no middleware and no HTTP guard, and the guards of tools as ever', async () => {
    WatchingGuard.contexts.length = 0;
    expect((await app.post(legacy('tools/list'), { 'x-refuse': '1' })).status).toBe(200);
    expect(middleware).toEqual([]);
    expect(WatchingGuard.contexts).toEqual([]);
    const { json } = await app.post(call('look'), { 'x-refuse': '1' });
    expect(json.result).toMatchObject({ isError: true, content: [{ text: 'Forbidden resource' }] });
    expect(WatchingGuard.contexts).toEqual(['mcp']);
  });

  it("hands handlers Node's own request and response", async () => {
    await app.post(call('look'), { 'x-mine': '1' });
    const { request, response } = RequestTools.seen.at(-1) ?? {};
    expect(request).toMatchObject({ method: 'POST', url: '/mcp' });
    expect(request.headers['x-mine']).toBe('1');
    expect(typeof (response as ServerResponse).writeHead).toBe('function');
  });

  it('leaves everything else to the application', async () => {
    for (const [path, text] of [
      ['/other', 'other'],
      ['/mcp/below', 'below'],
    ]) {
      const answer = await send(app.origin + path, { method: 'GET' });
      expect([answer.status, answer.text]).toEqual([200, text]);
      expect(middleware.at(-1)).toBe(path);
    }
    expect((await send(`${app.origin}/mc`, { method: 'GET' })).status).toBe(404);
  });

  it('lets observers of the HTTP server see its requests too', async () => {
    observed.length = 0;
    await app.post(legacy('ping'));
    await send(`${app.origin}/other`, { method: 'GET' });
    expect(observed).toEqual(['/mcp', '/other']);
  });

  it('serves a path with parameters and a query', async () => {
    const post = createPoster(`${app.origin}/tenants/a-b/mcp?x=1`);
    middleware.length = 0;
    expect((await post(legacy('tools/list'))).json.result.tools).toEqual([]);
    expect(middleware).toEqual([]);
  });

  it('answers a preflight for an origin that it is told of', async () => {
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, mcp-param-region',
    };
    const answer = await send(app.url, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'content-type, mcp-param-region',
      vary: 'Origin',
    });
  });

  it.each([
    ['JSON', 200, modern('tools/list')],
    ['an unreadable body', 400, ['{', {}]],
    ['an unknown method', 404, modern('no/such')],
  ] as const)('lets a page of that origin read %s', async (_, status, [body, headers]) => {
    const answer = await app.post(body, { ...headers, origin: ORIGIN });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
  });

  it('refuses other origins and hosts, preflights included', async () => {
    const origin = 'https://evil.example';
    for (const headers of [{ origin }, { host: 'evil.example', origin: ORIGIN }]) {
      for (const method of ['POST', 'OPTIONS']) {
        const sent = { ...headers, 'access-control-request-method': 'POST' };
        const answer = await send(app.url, { method, headers: sent });
        expect(answer.status).toBe(403);
        expect(answer.headers.get('access-control-allow-methods')).toBeNull();
      }
    }
    const refused = await app.post(legacy('ping'), { origin });
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('keeps to global prefix and version, and leaves near misses to the route', async () => {
    const seen: string[] = [];
    const {
      app: nest,
      origin,
      close,
    } = await startTransport(
      platform,
      { mount: 'direct' },
      {
        path: '/api/v2/mcp',
        configure: (it) => {
          it.setGlobalPrefix('api');
          it.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
          it.use((request: { originalUrl: string }, _: unknown, next: () => void) => {
            seen.push(request.originalUrl);
            next();
          });
        },
      },
    );
    const post = createPoster(`${origin}/api/v2/mcp`);
    expect((await post(legacy('ping'))).status).toBe(200);
    expect(seen).toEqual([]);
    const status = platform === 'express' ? 200 : 404;
    expect((await createPoster(`${origin}/api/v2/MCP`)(legacy('ping'))).status).toBe(status);
    expect(seen).toEqual(['/api/v2/MCP']);
    expect(nest.getHttpServer().listenerCount('request')).toBeGreaterThan(0);
    await close();
  });
});

describe('mounted directly on a server of a serverFactory', () => {
  @Module({ imports: [McpModule.forRoot({ mount: 'direct' })] })
  class ServerModule {}

  const start = (options: object) =>
    NestFactory.create(ServerModule, new FastifyAdapter(options), { logger: false, abortOnError: false });

  it('works where the factory hands the handler on', async () => {
    const app = await start({ serverFactory: (handler: RequestListener) => createServer(handler) });
    await app.listen(0, '127.0.0.1');
    expect((await createPoster(`${await app.getUrl()}/mcp`)(legacy('ping'))).json.result).toEqual({});
    await app.close();
  });

  it.each([
    [
      'wraps the handler',
      { serverFactory: (run: RequestListener) => createServer((i, o) => run(i, o)) },
      'serverFactory',
    ],
    ['speaks HTTP/2', { serverFactory: (run: never) => createHttp2Server(run) }, 'HTTP/2'],
  ])('says at boot that it cannot where it %s', async (_, options, reason) => {
    const app = await start(options);
    await expect(app.init()).rejects.toThrow(new RegExp(`mount: "direct" cannot work .*${reason}`));
    await app.close().catch(() => {});
  });
});
