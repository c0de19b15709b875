import { Injectable } from '@nestjs/common';
import { ExternalContextCreator, ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { FILTERS_METADATA, PARAMETERS_METADATA } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { Invoke } from '../registry/entries.js';
import { applicationConfigOf } from './application-config.js';
import { bareHandler } from './bare-handler.js';
import { createInvoke, type Callback, type Handler, type ProviderWrapper, type Target } from './invoke.js';
import { mcpParamsFactory } from './mcp-params.factory.js';

/** Turns methods of providers into functions that run them through guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerFactory {
  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** With a `callback` that runs in place of the method, under the guards of the method's class and its own. */
  create(wrapper: ProviderWrapper, method: string, callback?: Callback): Invoke {
    this.#assertReached(wrapper);
    const { id, metatype } = wrapper;
    return createInvoke(wrapper, (instance, contextId) =>
      this.#wrap({
        instance,
        metatype,
        method,
        callback: callback ?? (instance[method] as Callback),
        id,
        contextId,
      }),
    );
  }

  #wrap(target: Target): Handler {
    const { instance, method, callback, id, contextId } = target;
    const run =
      bareHandler(target, applicationConfigOf(this.moduleRef)) ??
      this.contexts.create(
        instance,
        callback as (...args: unknown[]) => unknown,
        method,
        PARAMETERS_METADATA,
        mcpParamsFactory,
        contextId,
        id,
        { guards: true, interceptors: true, filters: false },
        'mcp',
      );
    return async (...args) => {
      try {
        const result: unknown = await run(...args);
        return isObservable(result) ? await lastValueFrom(result) : result;
      } catch (error) {
        return this.#filter(error, target, args);
      }
    };
  }

  /**
   * Lets the exception filters replace what was thrown. A filter that gives nothing replaces nothing: Nest's own
   * filter step takes the promise of an `async` one for a value, which would make a success of the failure.
   */
  async #filter(
    error: unknown,
    { instance, method, callback, id, contextId }: Target,
    args: unknown[],
  ): Promise<unknown> {
    const rethrow = () => {
      throw error;
    };
    const filters: unknown = Reflect.getMetadata(FILTERS_METADATA, callback);
    if (filters !== undefined) Reflect.defineMetadata(FILTERS_METADATA, filters, rethrow);
    const options = { guards: false, interceptors: false, filters: true };
    // A name of its own, as Nest remembers the parameters of a method by name.
    const name = `${method} (filters)`;
    const filter = this.contexts.create(
      instance,
      rethrow,
      name,
      undefined,
      undefined,
      contextId,
      id,
      options,
      'mcp',
    );
    const replacement: unknown = await filter(...args);
    if (replacement === undefined) throw error;
    return replacement;
  }

  /** Refuses a provider that Nest would leave out of a global enhancer, which may well be a guard. */
  #assertReached(wrapper: ProviderWrapper): void {
    const config = applicationConfigOf(this.moduleRef);
    const reaching = new Set<unknown>(wrapper.getEnhancersMetadata());
    const missing = [
      ...config.getGlobalRequestGuards(),
      ...config.getGlobalRequestPipes(),
      ...config.getGlobalRequestInterceptors(),
      ...config.getGlobalRequestFilters(),
    ].find((enhancer) => !reaching.has(enhancer));
    if (!missing) return;
    throw new McpConfigurationError(
      `${String(wrapper.name)}: the global ${missing.metatype?.name ?? String(missing.name)} is request-scoped, which ` +
        'does not reach a provider known by a token only. Provide the class itself (under its own name, useClass or ' +
        'useFactory), or give the global one the default scope',
    );
  }
}
