import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, Scope, type ModuleMetadata } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import {
  McpConfigurationError,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
  type McpModuleOptions,
} from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type Platform, type TestApp } from '../../support/app.js';
import { toolNames } from './calls.js';

@Injectable()
class Served {
  @McpTool()
  served() {
    return '';
  }
}

@Controller('orders')
class OrdersController {
  @Get()
  @McpTool({ name: 'find_orders' })
  find() {
    return 'orders';
  }

  @McpResource({ uri: 'test://orders' })
  @McpPrompt()
  all() {
    return 'orders';
  }
}

@Injectable()
class LateTools {
  @McpTool()
  late() {
    return '';
  }
}

@Module({ providers: [LateTools] })
class LateModule {}

class Base {
  @McpTool()
  inherited() {
    return '';
  }
}

class MadeTools extends Base {
  @McpTool()
  made() {
    return '';
  }
}

let app: TestApp | undefined;
let warnings: string[];
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(platform: Platform, metadata: ModuleMetadata, mcp: McpModuleOptions = {}) {
  warnings = [];
  const logger = { log() {}, error() {}, warn: (message: unknown) => void warnings.push(String(message)) };
  app = await startApp({
    platform,
    ...metadata,
    imports: [McpModule.forRoot({ logger, ...mcp }), ...(metadata.imports ?? [])],
  });
  warnings = warnings.filter((warning) => warning.includes('is not served'));
  return app;
}

describe.each(PLATFORMS)('primitives where no server looks, on %s', (platform) => {
  it('on a controller stop the start, each by class and method', async () => {
    const starting = start(platform, { controllers: [OrdersController], providers: [Served] });
    const problem = await starting.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(McpConfigurationError);
    expect((problem as Error).message.split('\n')).toEqual([
      expect.stringMatching(/^OrdersController\.find: @McpTool\(\) is not served.*controller.*provider/),
      expect.stringMatching(/^OrdersController\.all: @McpResource\(\) is not served/),
      expect.stringMatching(/^OrdersController\.all: @McpPrompt\(\) is not served/),
    ]);
  });

  it('in a module that is loaded lazily are warned of when it is, once', async () => {
    const { app } = await start(platform, { providers: [Served] });
    const loader = app.get(LazyModuleLoader);
    const module = await loader.load(() => LateModule);
    await loader.load(() => LateModule);
    expect(module.get(LateTools).late()).toBe('');
    expect(warnings).toEqual([
      expect.stringMatching(/^LateTools\.late: @McpTool\(\) is not served.*LateModule.*lazily.*McpRegistry/),
    ]);
  });

  it.each([
    ['request', Scope.REQUEST],
    ['transient', Scope.TRANSIENT],
  ])('from a %s-scoped factory under a token that is no class are warned of', async (_, scope) => {
    const provider = { provide: 'MADE', useFactory: () => new MadeTools(), inject: [], scope };
    await start(platform, { providers: [Served, provider] });
    expect(warnings.filter((warning) => warning.startsWith('MadeTools'))).toEqual([
      expect.stringMatching(/^MadeTools\.made: @McpTool\(\) is not served.*MADE \(AppModule\).*provide/),
      expect.stringMatching(/^MadeTools\.inherited: @McpTool\(\)/),
    ]);
    expect(warnings.join('\n')).not.toContain('Served.');
  });

  it('of another server are its business', async () => {
    await start(platform, { controllers: [OrdersController] }, { include: [LateModule], name: 'late' }).catch(
      () => undefined,
    );
    await start(
      platform,
      { controllers: [OrdersController], providers: [Served], imports: [LateModule] },
      { include: [LateModule] },
    );
    expect(warnings).toEqual([]);
  });

  it('that are served are not warned of, whatever factories there are', async () => {
    const other = { provide: 'TENANT', useFactory: () => ({}), inject: [], scope: Scope.REQUEST };
    const made = { provide: MadeTools, useFactory: () => new MadeTools(), inject: [], scope: Scope.REQUEST };
    const started = await start(platform, { providers: [Served, other, made, OrdersController, LateTools] });
    expect((await toolNames(started)).sort()).toEqual(['find_orders', 'inherited', 'late', 'made', 'served']);
    expect(warnings).toEqual([]);
  });
});
