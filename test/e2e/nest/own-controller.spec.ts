import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Injectable,
  Param,
  Req,
  Res,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { McpContext, McpModule, McpTool, StreamableHttpTransport } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { createPoster, legacy } from '../../support/http.js';
import { call, ERAS, textOf, toolNames } from './calls.js';

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    if (request.headers['x-key'] !== 'secret') throw new UnauthorizedException();
    request.user = { sub: 'ada' };
    return true;
  }
}

@Injectable()
class Tools {
  @McpTool()
  who(_args: object, ctx: McpContext) {
    return ctx.principal?.subject ?? 'nobody';
  }

  @McpTool()
  async steps(_args: object, ctx: McpContext) {
    await ctx.progress(1);
    return 'done';
  }
}

@Controller('tenants/:tenant/mcp')
@UseGuards(KeyGuard)
class TenantController {
  constructor(private readonly transport: StreamableHttpTransport) {}

  @All()
  async handle(@Req() request: unknown, @Res() response: unknown, @Param('tenant') _tenant: string) {
    await this.transport.handleRequest(request, response);
  }
}

describe.each(PLATFORMS)('a controller of the application on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      controllers: [TenantController],
      providers: [Tools],
      path: '/tenants/acme/mcp',
    });
  });
  afterAll(() => app.close());

  const headers = { 'x-key': 'secret' };

  it.each(ERAS)('answers MCP requests through the transport in the %s era', async (era) => {
    expect(await textOf(app, 'who', { era, headers })).toBe('ada');
  });

  it('streams', async () => {
    const answer = await call(app, 'steps', { headers, meta: { progressToken: 7 } });
    expect(answer.messages.map(({ method }) => method)).toEqual(['notifications/progress', undefined]);
  });

  it('keeps its own guard', async () => {
    const { status } = await app.post(legacy('ping'));
    expect(status).toBe(401);
  });

  it('leaves the route of the module as it is', async () => {
    const module = { post: createPoster(`${app.origin}/mcp`) };
    expect(await toolNames(module)).toEqual(['steps', 'who']);
    expect(await textOf(module, 'who')).toBe('nobody');
  });
});
