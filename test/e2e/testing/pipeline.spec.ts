import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Injectable,
  Req,
  Res,
  UseGuards,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpModule, McpTool, StreamableHttpTransport, TokenVerifier } from 'nestjs-mcp-adapters';
import { redisStore } from 'nestjs-mcp-adapters/redis';
import { createMcpTestClient, structuredOf, textOf } from 'nestjs-mcp-adapters/testing';
import { PLATFORMS } from '../../support/app.js';
import { startRedis, type RedisServer } from '../../support/redis.js';
import { createApp, createAppOf, inMemory } from './fixture.js';

interface WithUser {
  readonly user?: { readonly sub?: string; readonly role?: string };
  readonly headers: Readonly<Record<string, string>>;
}

/** A guard of the common kind, which trusts what an earlier one has left. */
@Injectable()
class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<WithUser>().user?.role === 'admin';
  }
}

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<WithUser>().headers['authorization'] === 'Bearer good';
  }
}

@Injectable()
class GuardedTools {
  @McpTool({ name: 'rule', input: { type: 'object' } })
  @UseGuards(AdminGuard)
  rule() {
    return 'ruled';
  }
}

let app: INestApplication;

afterEach(() => app.close());

describe.each(PLATFORMS)('what the test client sends passes, on %s,', (platform) => {
  it('through global prefix and version', async () => {
    app = await createApp(platform);
    app.setGlobalPrefix('api');
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
    const client = await createMcpTestClient(app);
    expect(structuredOf(await client.callTool('add', { a: 1, b: 1 }))).toEqual({ sum: 2 });
    await client.close();
  });

  it('through middleware', async () => {
    app = await createApp(platform);
    const seen: unknown[] = [];
    app.use((request: WithUser, _response: unknown, next: () => void) => {
      seen.push(request.user?.sub);
      next();
    });
    const client = await createMcpTestClient(app, { principal: { subject: 'ada' }, listen: false });
    expect(new Set(seen)).toEqual(new Set(['ada']));
    await client.close();
  });

  it('through guards, which find the caller', async () => {
    app = await createAppOf(platform, {
      imports: [McpModule.forRoot(inMemory())],
      providers: [GuardedTools],
    });
    const admin = await createMcpTestClient(app, {
      principal: { subject: 'ada', claims: { role: 'admin' } },
    });
    const other = await createMcpTestClient(app, { principal: { subject: 'bob' } });
    const nobody = await createMcpTestClient(app);
    expect(textOf(await admin.callTool('rule'))).toBe('ruled');
    expect(await other.callTool('rule')).toMatchObject({ isError: true });
    expect(await nobody.callTool('rule')).toMatchObject({ isError: true });
    for (const client of [admin, other, nobody]) await client.close();
  });

  it('through global guards, with a token or without', async () => {
    app = await createAppOf(platform, {
      imports: [McpModule.forRoot(inMemory())],
      providers: [GuardedTools, { provide: APP_GUARD, useClass: TokenGuard }],
    });
    await expect(createMcpTestClient(app)).rejects.toMatchObject({ status: 403, code: -32600 });
    const client = await createMcpTestClient(app, { headers: { authorization: 'Bearer good' } });
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['rule']);
    await client.close();
  });

  it('through CORS and the check of hosts', async () => {
    app = await createApp(platform, { ...inMemory(), allowedHosts: ['api.example.com'] });
    app.enableCors({ origin: 'https://page.example.com' });
    await expect(createMcpTestClient(app)).rejects.toMatchObject({
      status: 403,
      headers: { 'access-control-allow-origin': 'https://page.example.com' },
    });
    const client = await createMcpTestClient(app, { headers: { host: 'api.example.com' } });
    await client.close();
  });

  it('to the server that is named', async () => {
    @Injectable()
    class OtherTools {
      @McpTool({ name: 'other', input: { type: 'object' } })
      other() {
        return 'the other server';
      }
    }
    app = await createAppOf(platform, {
      imports: [
        McpModule.forRoot({ name: 'one', path: '/one' }),
        McpModule.forRoot({ name: 'two', path: '/two' }),
        McpModule.forFeature([GuardedTools], 'one'),
        McpModule.forFeature([OtherTools], 'two'),
      ],
    });
    await expect(createMcpTestClient(app)).rejects.toThrow('to name one server of the application: one, two');
    const client = await createMcpTestClient(app, { server: 'two' });
    expect(textOf(await client.callTool('other'))).toBe('the other server');
    await client.close();
  });

  it('to a controller of the application', async () => {
    @Controller('tenants/:tenant')
    class TenantController {
      constructor(private readonly transport: StreamableHttpTransport) {}

      @All('tools')
      serve(@Req() request: unknown, @Res() response: unknown) {
        return this.transport.handleRequest(request, response);
      }
    }
    app = await createAppOf(platform, {
      imports: [McpModule.forRoot()],
      providers: [GuardedTools],
      controllers: [TenantController],
    });
    const client = await createMcpTestClient(app, { path: '/tenants/acme/tools' });
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['rule']);
    await client.close();
  });

  it('to a server that answers before the platform does', async () => {
    app = await createApp(platform, { ...inMemory(), mount: 'direct' });
    const client = await createMcpTestClient(app, { principal: { subject: 'ada' } });
    expect(structuredOf(await client.callTool('whoami'))).toEqual({ subject: 'ada', role: null });
    await client.close();
  });

  it('through the check of tokens, by whatever verifies them in the test', async () => {
    class Verifier extends TokenVerifier {
      async verify(token: string) {
        return token === '' ? undefined : { subject: token };
      }
    }
    const auth = { authorizationServers: ['https://id.example.com'], verifier: new Verifier() };
    app = await createApp(platform, { ...inMemory(), auth, publicUrl: 'https://mcp.example.com' });
    await expect(createMcpTestClient(app)).rejects.toMatchObject({ status: 401 });
    const client = await createMcpTestClient(app, { headers: { authorization: 'Bearer ada' } });
    expect(structuredOf(await client.callTool('whoami'))).toEqual({ subject: 'ada', role: null });
    await client.close();
  });

  it('to an application that listens as well', async () => {
    app = await createApp(platform);
    await app.listen(0, '127.0.0.1');
    const client = await createMcpTestClient(app);
    expect(structuredOf(await client.callTool('add', { a: 1, b: 1 }))).toEqual({ sum: 2 });
    await client.close();
  });
});

describe('on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.dispose());

  it.each(['2026-07-28', '2025-11-25'] as const)('%s asks and hears of changes', async (protocolVersion) => {
    app = await createApp('fastify', {
      store: redisStore({ url: redis.url }),
      serverInfo: { name: 'test', version: '1.0.0' },
      requestStateSecret: 's'.repeat(32),
    });
    const onElicit = () => ({ action: 'accept', content: { name: 'Ada' } }) as const;
    const client = await createMcpTestClient(app, { protocolVersion, onElicit });
    await client.subscribe('note://one');
    expect(textOf(await client.callTool('ask'))).toBe('Hello Ada');
    await client.callTool('change');
    await client.until(() => client.resourceUpdates.length > 0 && client.listChanges.length > 0);
    await client.close();
  });
});
