import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { completeParameters } from '../decorators/mcp-params.decorators.js';
import { assertNotReplaced } from '../decorators/replaced-methods.js';
import {
  ENTRY_PROVIDER_METADATA,
  FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { Invoke } from '../registry/entries.js';
import { withGuardsOf } from './with-guards-of.js';
import { HandlerFactory } from './handler.factory.js';
import type { Callback, ProviderWrapper } from './invoke.js';
import { PermissionFactory, type Permission } from './permission.factory.js';

const METHOD = 'handle';
const ENHANCERS = [GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA, FILTERS_METADATA];

/**
 * The class that primitives added at run time belong to, as guards and interceptors see it: `context.getClass()`.
 *
 * @internal
 */
@Injectable()
export class McpDynamicHandlers {}

Reflect.defineMetadata(ENTRY_PROVIDER_METADATA, true, McpDynamicHandlers);
completeParameters(McpDynamicHandlers, METHOD, true);

/** A function with the enhancers of the application around it. */
export interface DynamicHandler {
  readonly invoke: Invoke;
  /** Function to run, with the metadata of its decorators. */
  readonly callback: Callback;
  /** `undefined` when no guard is among them. */
  readonly permission: Permission | undefined;
}

/** Puts functions behind the same guards, pipes, interceptors and filters as methods of providers. */
@Injectable()
export class DynamicHandlerFactory {
  constructor(
    private readonly handlers: HandlerFactory,
    private readonly permissions: PermissionFactory,
    private readonly discovery: DiscoveryService,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** `decorators` are applied as if the function were a method: `UseGuards(…)`, `SetMetadata(…)`, any composition. */
  async create(
    run: Callback,
    decorators: readonly MethodDecorator[],
    where: string,
  ): Promise<DynamicHandler> {
    const callback = await this.#withInstances(decorate(run, decorators, where), where);
    // A name of its own: rate limiters, which tell handlers apart by class and name, must not take all of these for one.
    Object.defineProperty(callback, 'name', { value: where });
    const host = this.#host();
    return {
      callback,
      invoke: this.handlers.create(host, METHOD, callback),
      permission: this.permissions.create(host, METHOD, callback),
    };
  }

  /** A completer beside a function given to `create`, behind the same guards and filters. */
  async createCompleter(
    run: Callback,
    decorators: readonly MethodDecorator[],
    where: string,
  ): Promise<Invoke> {
    const companion = withGuardsOf(decorate(run, decorators, where), run);
    return this.handlers.create(this.#host(), METHOD, await this.#withInstances(companion, where));
  }

  async #withInstances(callback: Callback, where: string): Promise<Callback> {
    for (const key of ENHANCERS) {
      const given = Reflect.getMetadata(key, callback) as unknown[] | undefined;
      if (!given) continue;
      const instances = await Promise.all(given.map((enhancer) => this.#instanceOf(enhancer, where)));
      Reflect.defineMetadata(key, instances, callback);
    }
    return callback;
  }

  /** Nest makes instances of the classes it finds before it starts, and silently skips one it does not know. */
  async #instanceOf(enhancer: unknown, where: string): Promise<unknown> {
    if (typeof enhancer !== 'function') return enhancer;
    const type = enhancer as Type;
    try {
      return this.#provided(type) ?? (await this.moduleRef.create<unknown>(type));
    } catch (cause) {
      throw new McpConfigurationError(
        `${where}: ${type.name} cannot be created here; make it a provider of a module, in the default scope, or give an instance`,
        { cause },
      );
    }
  }

  #provided(type: Type): unknown {
    const isProvided = this.discovery.getProviders().some(({ token }) => token === type);
    return isProvided ? this.moduleRef.get<unknown>(type, { strict: false }) : undefined;
  }

  #host(): ProviderWrapper {
    const host = this.discovery
      .getProviders()
      .find(
        ({ token, host }) =>
          token === McpDynamicHandlers && host?.getProviderByKey(ModuleRef)?.instance === this.moduleRef,
      );
    if (!host) throw new Error('The module of this server is gone');
    return host;
  }
}

/** Decorates a method of a throwaway class, so that no metadata ends up on a class or function of the user. */
function decorate(run: Callback, decorators: readonly MethodDecorator[], where: string): Callback {
  const holder = class {};
  let descriptor: TypedPropertyDescriptor<Callback> = {
    value: (...args) => run(...args),
    configurable: true,
    writable: true,
  };
  Object.defineProperty(holder.prototype, METHOD, descriptor);
  for (const decorator of [...decorators].reverse()) {
    descriptor = decorator<Callback>(holder.prototype, METHOD, descriptor) ?? descriptor;
  }
  Object.defineProperty(holder.prototype, METHOD, descriptor);
  assertNotReplaced(holder.prototype, METHOD, where);
  return descriptor.value as Callback;
}
