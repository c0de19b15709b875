import { describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import {
  McpCompletion,
  McpConfigurationError,
  McpModule,
  McpPrompt,
  McpPublic,
  McpRegistry,
  McpResource,
  McpScopes,
  McpTool,
} from 'nestjs-mcp-adapters';
import { startApp } from '../../support/app.js';
import { textOf, toolNames } from './calls.js';

/** Decorators of other libraries, such as those for transactions and traces, put a function around the method. */
function Around(copiesMetadata = false): MethodDecorator {
  return (_target, _method, descriptor) => {
    const run = descriptor.value as (...given: unknown[]) => unknown;
    const around = function (this: unknown, ...given: unknown[]) {
      return run.apply(this, given);
    };
    if (copiesMetadata) {
      for (const key of Reflect.getMetadataKeys(run)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, run), around);
      }
    }
    descriptor.value = around as never;
  };
}

function classOf(...decorators: MethodDecorator[]): Type {
  @Injectable()
  class Tools {
    find() {
      return 'found';
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Tools.prototype, 'find')!;
  for (const decorator of decorators.toReversed()) decorator(Tools.prototype, 'find', descriptor);
  Object.defineProperty(Tools.prototype, 'find', descriptor);
  return Tools;
}

const start = (...providers: Type[]) => startApp({ imports: [McpModule.forRoot()], providers });

describe('a decorator that replaces the method', () => {
  it.each([
    ['McpTool', [Around(), McpTool()]],
    ['McpPrompt', [Around(), McpPrompt()]],
    ['McpResource', [Around(), McpResource({ uri: 'test://a' })]],
    ['McpCompletion', [Around(), McpCompletion({ prompt: 'a', argument: 'b' })]],
    ['McpScopes', [McpTool(), Around(), McpScopes('admin')]],
    ['McpPublic', [McpTool(), Around(), McpPublic()]],
    ['McpScopes', [Around(true), McpTool(), Around(), McpScopes('admin')]],
  ])('stops the start above @%s()', async (name, decorators) => {
    const failed = await start(classOf(...decorators)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(McpConfigurationError);
    expect((failed as Error).message).toBe(
      `Tools.find: a decorator above @${name}() replaces the method, and with it what @${name}() says. ` +
        `Put @${name}() above that decorator`,
    );
  });

  it('stops the start in a base class, too', async () => {
    @Injectable()
    class Derived extends classOf(Around(), McpTool()) {}
    await expect(start(Derived)).rejects.toThrow(/^Derived\.find: a decorator above @McpTool\(\)/);
  });

  it.each([
    ['below', [McpTool(), Around()]],
    ['above, with its metadata', [Around(true), McpTool()]],
  ])('is welcome %s', async (_, decorators) => {
    const app = await start(classOf(...decorators));
    try {
      expect(await toolNames(app)).toEqual(['find']);
      expect(await textOf(app, 'find')).toBe('found');
    } finally {
      await app.close();
    }
  });

  it.each([
    ['McpScopes', McpScopes('admin')],
    ['McpPublic', McpPublic()],
  ])('refuses a tool of the registry, too, above @%s()', async (name, decorator) => {
    const app = await start();
    try {
      const registry = app.app.get(McpRegistry);
      const adding = registry.addTool({ name: 'late', decorators: [Around(), decorator] }, () => 'late');
      await expect(adding).rejects.toThrow(`a decorator above @${name}() replaces the method`);
    } finally {
      await app.close();
    }
  });

  it('is not what an override is', async () => {
    @Injectable()
    class Derived extends classOf(McpTool()) {
      find() {
        return 'no tool';
      }

      @McpTool()
      other() {
        return 'other';
      }
    }
    const app = await start(Derived);
    try {
      expect(await toolNames(app)).toEqual(['other']);
    } finally {
      await app.close();
    }
  });
});
