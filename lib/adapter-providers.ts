import { Inject, type FactoryProvider, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { AdapterOption } from './adapters/adapter-option.js';
import { MCP_OPTIONS } from './mcp.constants.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { MODULE_OPTIONS_TOKEN } from './mcp.module-definition.js';

type Token = NonNullable<FactoryProvider['inject']>[number];

/** Binds what an option gives to the abstract class it stands for; to `undefined` if nothing was given. */
export function adapterProvider<T extends object, G extends object = T>(
  token: abstract new (...args: never[]) => T,
  read: (options: McpModuleOptions) => AdapterOption<G> | undefined,
  complete: (given: G) => T = (given) => given as unknown as T,
): Provider {
  return {
    provide: token as Type<T>,
    async useFactory(options: McpModuleOptions, moduleRef: ModuleRef) {
      const given = await build(read(options), moduleRef);
      return given && complete(given);
    },
    // The last one is there to be waited for: what is read here has been checked.
    inject: [MODULE_OPTIONS_TOKEN, ModuleRef, MCP_OPTIONS],
  };
}

async function build<T extends object>(
  given: AdapterOption<T> | undefined,
  moduleRef: ModuleRef,
): Promise<T | undefined> {
  if (given === undefined) return undefined;
  if (typeof given === 'function') return moduleRef.create<T>(given);
  if ('useClass' in given) return moduleRef.create<T>(given.useClass);
  if ('useExisting' in given) return (await inject([given.useExisting as Token], moduleRef))[0] as T;
  if ('useFactory' in given) return given.useFactory(...(await inject(given.inject ?? [], moduleRef)));
  return given;
}

/** Resolves tokens as constructor parameters are: Nest sees to it that each is ready. */
async function inject(tokens: readonly Token[], moduleRef: ModuleRef): Promise<unknown[]> {
  class Injected {
    readonly values: unknown[];
    constructor(...values: unknown[]) {
      this.values = values;
    }
  }
  Reflect.defineMetadata(
    'design:paramtypes',
    tokens.map(() => Object),
    Injected,
  );
  tokens.forEach((given, index) => {
    const token = typeof given === 'object' && 'token' in given ? given.token : given;
    Inject(token)(Injected, undefined, index);
  });
  return (await moduleRef.create(Injected)).values;
}
