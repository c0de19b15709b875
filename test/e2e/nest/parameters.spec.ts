import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Body,
  createParamDecorator,
  DefaultValuePipe,
  Headers,
  Injectable,
  Ip,
  Param,
  ParseIntPipe,
  Query,
  Req,
  type ExecutionContext,
} from '@nestjs/common';
import { McpArgs, McpContext, McpCtx, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { createPoster } from '../../support/http.js';
import { resultOf, textOf } from './calls.js';

const Tenant = createParamDecorator(
  (prefix: string, context: ExecutionContext) =>
    prefix + context.switchToHttp().getRequest().headers['x-tenant'],
);

@Injectable()
class ParameterTools {
  @McpTool()
  undecorated(args: { city: string }, ctx: McpContext) {
    return { city: args.city, isContext: ctx instanceof McpContext };
  }

  @McpTool()
  whole(@McpCtx() ctx: McpContext, @McpArgs() args: { city: string }) {
    return { city: args.city, isContext: ctx instanceof McpContext };
  }

  @McpTool()
  single(@McpArgs('days', ParseIntPipe) days: number, @McpArgs('city') city: string) {
    return { days, city };
  }

  @McpTool()
  missing(@McpArgs('unit', new DefaultValuePipe('celsius')) unit: string, @McpArgs('toString') own: unknown) {
    return { unit, own: own === undefined };
  }

  @McpTool()
  mixed(
    args: { city: string },
    ctx: McpContext,
    @Tenant('t-') tenant: string,
    @Headers('X-Tenant') raw: string,
  ) {
    return { city: args.city, isContext: ctx instanceof McpContext, tenant, raw };
  }

  @McpTool()
  onlyCustom(@Tenant('') tenant: string) {
    return tenant;
  }

  @McpTool()
  http(
    @Req() request: { headers: Record<string, string> },
    @Headers() headers: Record<string, string>,
    @Query('lang') lang: string,
    @Param('region') region: string,
    @Ip() ip: string,
    @Body('city') city: string,
  ) {
    return { same: request.headers === headers, tenant: headers['x-tenant'], lang, region, ip, city };
  }
}

describe.each(PLATFORMS)('parameters of a tool on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot({ path: '/:region/mcp' })],
      providers: [ParameterTools],
      path: '/eu/mcp?lang=de',
    });
  });
  afterAll(() => app.close());

  it('are the arguments and the context when nothing else is said', async () => {
    const result = await resultOf(app, 'undecorated', { args: { city: 'Graz' } });
    expect(result.structuredContent).toEqual({ city: 'Graz', isContext: true });
  });

  it('are injected wherever @McpArgs() and @McpCtx() stand', async () => {
    const result = await resultOf(app, 'whole', { args: { city: 'Graz' } });
    expect(result.structuredContent).toEqual({ city: 'Graz', isContext: true });
  });

  it('take one property of the arguments through pipes', async () => {
    const result = await resultOf(app, 'single', { args: { days: '3', city: 'Graz' } });
    expect(result.structuredContent).toEqual({ days: 3, city: 'Graz' });
  });

  it('refuse what a pipe refuses, in its words', async () => {
    const result = await resultOf(app, 'single', { args: { days: 'three' } });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'Validation failed (numeric string is expected)' }],
    });
  });

  it('take own properties of the arguments only', async () => {
    const result = await resultOf(app, 'missing');
    expect(result.structuredContent).toEqual({ unit: 'celsius', own: true });
  });

  it('may be followed by decorators made with createParamDecorator and by those of Nest', async () => {
    const result = await resultOf(app, 'mixed', { args: { city: 'Graz' }, headers: { 'x-tenant': 'acme' } });
    expect(result.structuredContent).toEqual({
      city: 'Graz',
      isContext: true,
      tenant: 't-acme',
      raw: 'acme',
    });
    expect(await textOf(app, 'onlyCustom', { headers: { 'x-tenant': 'acme' } })).toBe('acme');
  });

  it('give the parts of the HTTP request that Nest has decorators for', async () => {
    const result = await resultOf(app, 'http', { args: { city: 'Graz' }, headers: { 'x-tenant': 'acme' } });
    expect(result.structuredContent).toEqual({
      same: true,
      tenant: 'acme',
      lang: 'de',
      region: 'eu',
      ip: '127.0.0.1',
      city: 'Graz',
    });
  });

  it('see each request on its own', async () => {
    const other = { post: createPoster(`${app.origin}/us/mcp`) };
    const result = await resultOf(other, 'http');
    expect(result.structuredContent.region).toBe('us');
    expect(result.structuredContent.lang).toBeUndefined();
  });
});
