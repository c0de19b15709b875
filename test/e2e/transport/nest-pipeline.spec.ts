import {
  HttpException,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestMiddleware,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PLATFORMS } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { startTransport, type TransportApp } from './fixture.js';

/** Refuses HTTP requests with the status they ask for, and lets the calls of a request it let in pass. */
@Injectable()
class StatusGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-refuse'] === 'false') return false;
    if (headers['x-refuse']) throw new HttpException('No', Number(headers['x-refuse']));
    return true;
  }
}

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ user?: unknown; headers: Record<string, string> }>();
    if (context.getType() === 'http')
      request.user = { sub: request.headers['x-user'], iss: 'https://idp.example' };
    return true;
  }
}

@Injectable()
class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ user?: { sub?: string } }>().user?.sub === 'admin';
  }
}

@Injectable()
class WhoTools {
  @McpTool({ name: 'who' })
  who(_: unknown, ctx: McpContext) {
    return `${ctx.principal?.subject} of ${ctx.principal?.issuer}`;
  }

  @McpTool({ name: 'admin' })
  @UseGuards(AdminGuard)
  admin() {
    return 'welcome';
  }
}

const seen: string[] = [];

@Injectable()
class SeeingMiddleware implements NestMiddleware {
  use(
    request: { method: string; originalUrl?: string },
    response: { setHeader(name: string, value: string): void },
    next: () => void,
  ) {
    seen.push(`${request.method} ${request.originalUrl}`);
    response.setHeader('x-seen', 'yes');
    next();
  }
}

class MiddlewareModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(SeeingMiddleware).forRoutes('*path');
  }
}
Reflect.defineMetadata('providers', [SeeingMiddleware], MiddlewareModule);

describe.each(PLATFORMS)('the pipeline of Nest on %s', (platform) => {
  let app: TransportApp;
  afterEach(() => app.close());

  it('lets a global guard refuse with any status, before anything runs', async () => {
    app = await startTransport(platform, {}, { providers: [{ provide: APP_GUARD, useClass: StatusGuard }] });
    for (const request of [
      legacy('tools/call', { name: 'echo' }),
      ...[modern('tools/call', { name: 'echo' })[0]],
    ]) {
      for (const status of [401, 402, 403, 404, 418, 429, 500, 503]) {
        expect((await app.post(request, { 'x-refuse': String(status) })).status).toBe(status);
      }
      expect((await app.post(request, { 'x-refuse': 'false' })).status).toBe(403);
    }
    expect(app.tools.calls).toEqual([]);
    expect((await app.post(legacy('tools/call', { name: 'echo' }))).json.result.isError).toBeUndefined();
  });

  it('lets a global guard refuse before the body is judged, except where the platform parses first', async () => {
    app = await startTransport(
      platform,
      { limits: { bodyBytes: 1000 } },
      { providers: [{ provide: APP_GUARD, useClass: StatusGuard }] },
    );
    const answer = await app.post('x'.repeat(100_000), { 'x-refuse': '401' });
    expect(answer.status).toBe(platform === 'express' ? 401 : 413);
    expect(answer.headers.get('connection')).toBe('close');
    expect((await app.post(legacy('ping'))).status).toBe(200);
  });

  it('runs guards that are given in main.ts', async () => {
    app = await startTransport(
      platform,
      {},
      { configure: (nest) => void nest.useGlobalGuards(new StatusGuard()) },
    );
    expect((await app.post(legacy('ping'), { 'x-refuse': '401' })).status).toBe(401);
    expect((await app.post(legacy('ping'))).status).toBe(200);
  });

  it('takes the principal from the user a guard leaves in the request', async () => {
    app = await startTransport(
      platform,
      {},
      { providers: [WhoTools, { provide: APP_GUARD, useClass: UserGuard }] },
    );
    const who = await app.post(legacy('tools/call', { name: 'who' }), { 'x-user': 'ada' });
    expect(who.json.result.content[0].text).toBe('ada of https://idp.example');
    const [body, headers] = modern('tools/call', { name: 'admin' });
    expect((await app.post(body, { ...headers, 'x-user': 'ada' })).json.result.isError).toBe(true);
    expect((await app.post(body, { ...headers, 'x-user': 'admin' })).json.result.content[0].text).toBe(
      'welcome',
    );
  });

  it('runs middleware before the endpoint and keeps its headers, on JSON and on streams', async () => {
    seen.length = 0;
    app = await startTransport(platform, {}, { imports: [MiddlewareModule] });
    const json = await app.post(legacy('ping'));
    const stream = await app.post(legacy('tools/call', { name: 'count', _meta: { progressToken: 1 } }));
    expect(seen).toEqual(['POST /mcp', 'POST /mcp']);
    expect([json, stream].map(({ headers }) => headers.get('x-seen'))).toEqual(['yes', 'yes']);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
  });
});
