import { Inject, type FactoryProvider, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { AdapterOption } from './adapters/adapter-option.js';
import { Store } from './adapters/store.js';
import { storeAdapters, type StoreAdapters } from './adapters/store/store-adapters.js';
import { MCP_OPTIONS } from './mcp.constants.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { UNNAMED, type ResolvedOptions } from './mcp-options.js';
import { MODULE_OPTIONS_TOKEN } from './mcp.module-definition.js';
import { McpConfigurationError } from './protocol/configuration.error.js';

/** Token of the adapters on the store of a server. */
export const STORE_ADAPTERS = 'mcp:store-adapters';

const STORE_METHODS = ['open', 'read', 'write', 'append', 'listen', 'close', 'retain'] as const;

/** The store of a server, open and observed, and what is kept in it. */
export interface OpenStore extends StoreAdapters {
  readonly store: Store;
  /** Namespace of this server in the store. */
  readonly scope: string;
}

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

/** The same for a seam that the store of the server fills where its option is not given. */
export function seamProvider<T extends object, G extends object = T>(
  token: abstract new (...args: never[]) => T,
  read: (options: McpModuleOptions) => AdapterOption<G> | undefined,
  fill: (store: OpenStore | undefined) => T | undefined,
  complete: (given: G) => T = (given) => given as unknown as T,
): Provider {
  return {
    provide: token as Type<T>,
    async useFactory(options: McpModuleOptions, moduleRef: ModuleRef, store: OpenStore | undefined) {
      const given = await build(read(options), moduleRef);
      return given ? complete(given) : fill(store);
    },
    inject: [MODULE_OPTIONS_TOKEN, ModuleRef, { token: STORE_ADAPTERS, optional: true }, MCP_OPTIONS],
  };
}

/** The store of a server, and what is kept in it. */
export function storeProviders(): Provider[] {
  return [
    adapterProvider(Store, ({ store }) => store),
    { provide: STORE_ADAPTERS, useFactory: openStore, inject: [MCP_OPTIONS, Store] },
  ];
}

async function openStore(options: ResolvedOptions, store: Store | undefined): Promise<OpenStore | undefined> {
  if (!store) return undefined;
  const { name, serverInfo, instrumentation } = options;
  const missing = STORE_METHODS.find((method) => typeof store[method] !== 'function');
  if (missing !== undefined) {
    throw new McpConfigurationError(
      `McpModule option store: ${store.constructor.name} has no method ${missing}(); it must extend Store`,
    );
  }
  if (store.isShared && name === undefined && serverInfo.name === UNNAMED) {
    throw new McpConfigurationError(
      'McpModule option serverInfo is missing: what is kept in a shared store is told apart by the name of its server. ' +
        'Set serverInfo.name, or the option name; a store that no other process uses says `isShared = false`',
    );
  }
  await store.retain();
  const observed = instrumentation?.store(store) ?? store;
  const scope = JSON.stringify(name === undefined ? { info: serverInfo.name } : { name });
  const adapters = storeAdapters(observed, {
    server: scope,
    maxEvents: options.limits.eventsPerSession,
    maxEventBytes: options.limits.eventBytesPerSession,
    defaultTimeoutMs: options.questionTimeoutMs,
  });
  return { ...adapters, store: observed, scope };
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
