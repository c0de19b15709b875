import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Injectable,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import {
  McpExecutionContext,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
} from 'nestjs-mcp-adapters';
import { startApp, type Platform, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn } from '../../support/ask.js';

const Role = (role: string) => SetMetadata('role', role);
const headersOf = (context: ExecutionContext) => context.switchToHttp().getRequest().headers;

/** Allows every caller what needs no role. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext) {
    if (!McpExecutionContext.is(context)) return true;
    const role = this.reflector.get<string | undefined>('role', context.getHandler());
    return role === undefined || headersOf(context)['x-role'] === role;
  }
}

@Injectable()
class BrokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (headersOf(context)['x-broken'] === undefined) return true;
    throw new TypeError('secret');
  }
}

let intercepted = 0;
const counter = {
  intercept(_: ExecutionContext, next: any) {
    intercepted++;
    return next.handle();
  },
};

@Injectable()
class Guarded {
  @McpTool() open() {
    return 'open';
  }
  @Role('admin') @UseInterceptors(counter) @McpTool() admin() {
    return 'admin';
  }
  @Role('admin') @McpPrompt() prompt() {
    return 'admin';
  }
  @Role('admin') @McpResource({ uri: 'x://admin' }) resource() {
    return 'admin';
  }
  @UseGuards(BrokenGuard) @McpPrompt() broken() {
    return 'not broken';
  }
}

const start = (platform: Platform, hideDenied: boolean) =>
  startApp({
    platform,
    imports: [McpModule.forRoot({ hideDenied })],
    providers: [Guarded, { provide: APP_GUARD, useClass: RolesGuard }],
  });

describe.each(MATRIX)('with hideDenied on %s, %s', (platform, era) => {
  let app: TestApp;
  const admin = { 'x-role': 'admin' };
  const namesOf = async (headers = {}) =>
    (await resultsIn(app, era)('tools/list', {}, headers)).tools.map(({ name }: any) => name);

  beforeAll(async () => {
    app = await start(platform, true);
    const registry = app.app.get(McpRegistry, { strict: false });
    await registry.addTool({ name: 'dynamic', decorators: [Role('admin')] }, () => 'dynamic');
  });
  afterAll(() => app.close());

  it('a list holds what the guards of the caller let through, and runs nothing but guards', async () => {
    intercepted = 0;
    expect(await namesOf()).toEqual(['open']);
    expect(await namesOf(admin)).toEqual(['admin', 'dynamic', 'open']);
    expect(intercepted).toBe(0);
    const result = await resultsIn(app, era)('tools/list');
    if (era === 'modern') expect(result.cacheScope).toBe('private');
    expect(intercepted).toBe(0);
  });

  it.each([
    ['tools/call', { name: 'admin' }, 'Unknown tool: admin'],
    ['tools/call', { name: 'dynamic' }, 'Unknown tool: dynamic'],
    ['prompts/get', { name: 'prompt' }, 'Unknown prompt: prompt'],
    ['resources/read', { uri: 'x://admin' }, 'Resource not found'],
  ])('%s %j is answered as unknown to those whom a guard refuses', async (method, params, message) => {
    expect((await askIn(app, era)(method, params)).json.error.message).toBe(message);
    expect((await askIn(app, era)(method, params, admin)).json.error).toBeUndefined();
  });

  it('a guard that fails is no refusal: the request fails', async () => {
    const { json } = await askIn(app, era)('prompts/list', {}, { 'x-broken': 'yes' });
    expect(json.error.message).toMatch(/^Internal error \(reference/);
    expect((await resultsIn(app, era)('prompts/list')).prompts).toHaveLength(1);
  });
});

it('without hideDenied what a guard refuses is listed', async () => {
  const app = await start('express', false);
  const { tools, cacheScope } = await resultsIn(app, 'modern')('tools/list');
  expect([tools.length, cacheScope]).toEqual([2, 'public']);
  const { json } = await askIn(app, 'modern')('tools/call', { name: 'admin' });
  expect(json.result).toMatchObject({ isError: true, content: [{ text: 'Forbidden resource' }] });
  await app.close();
});
