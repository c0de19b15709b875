import { Injectable } from '@nestjs/common';
import { ContextIdFactory, ExternalContextCreator, ModuleRef, type DiscoveryService } from '@nestjs/core';
import { PARAMETERS_METADATA } from '../mcp.constants.js';
import type { Invoke } from '../registry/entries.js';
import { mcpParamsFactory } from './mcp-params.factory.js';

/** Nest's record of a provider; its type has no public name. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

type Handler = (...args: unknown[]) => Promise<unknown>;
type Host = Record<string, (...args: unknown[]) => unknown>;

/** Turns methods of providers into functions that run them through guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerFactory {
  constructor(private readonly contexts: ExternalContextCreator) {}

  create(wrapper: ProviderWrapper, method: string): Invoke {
    const isScoped = wrapper.isTransient || !wrapper.isDependencyTreeStatic();
    return isScoped ? this.#scoped(wrapper, method) : this.#static(wrapper, method);
  }

  #static(wrapper: ProviderWrapper, method: string): Invoke {
    const handler = this.#wrap(wrapper.instance as Host, method);
    return (args, context) => handler(context.http?.request, context.http?.response, context, args);
  }

  /** The provider, or something it needs, lives as long as a request does: both are made anew for each call. */
  #scoped(wrapper: ProviderWrapper, method: string): Invoke {
    return async (args, context) => {
      const { request, response } = context.http ?? {};
      const moduleRef = wrapper.host?.getProviderByKey<ModuleRef>(ModuleRef)?.instance;
      if (!moduleRef) throw new Error(`The module of ${String(wrapper.name)} is gone`);
      const contextId = ContextIdFactory.getByRequest(request ?? {});
      const isDurable = wrapper.isDependencyTreeDurable();
      moduleRef.registerRequestByContextId(isDurable ? contextId.payload : request, contextId);
      const instance = await moduleRef.resolve<Host>(wrapper.token as never, contextId, { strict: true });
      return this.#wrap(instance, method, contextId, wrapper.id)(request, response, context, args);
    };
  }

  #wrap(instance: Host, method: string, contextId?: Parameters<ExternalContextCreator['create']>[5], id?: string): Handler {
    return this.contexts.create(
      instance,
      instance[method] as Host[string],
      method,
      PARAMETERS_METADATA,
      mcpParamsFactory,
      contextId,
      id,
      { guards: true, interceptors: true, filters: true },
      'mcp',
    );
  }
}
