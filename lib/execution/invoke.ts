import { ContextIdFactory, ModuleRef, type ContextId, type DiscoveryService } from '@nestjs/core';
import type { Invoke } from '../registry/entries.js';

/** Nest's record of a provider; its type has no public name. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A function with Nest's enhancers around it. */
export type Handler = Invoke;
export type Callback = (...args: never[]) => unknown;
export type Host = Record<string, Callback>;

/** A method, of the instance it runs on, as Nest's creator of handlers wants to know it. */
export interface Target {
  readonly instance: Host;
  /** The class of the provider, or the function that made it. */
  readonly metatype: unknown;
  readonly method: string;
  /** Function to run on the instance; it carries the metadata. */
  readonly callback: Callback;
  readonly id: string;
  /** Nest's key of the module that provides the class. */
  readonly moduleKey: string;
  readonly contextId?: ContextId | undefined;
}

/** Makes a handler that runs on an instance. */
export type Wrap = (instance: Host, contextId?: ContextId) => Handler;

/** Runs handlers on the instance of a provider, or on one of the request's own where it lives no longer than that. */
export function createInvoke(wrapper: ProviderWrapper, wrap: Wrap): Invoke {
  if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) return scoped(wrapper, wrap);
  return wrap(wrapper.instance as Host);
}

/** The provider, or something it needs, lives as long as a request does: both are made anew for each call. */
function scoped(wrapper: ProviderWrapper, wrap: Wrap): Invoke {
  return async (args, context, detail) => {
    const subject = context.http?.request ?? {};
    const moduleRef = wrapper.host?.getProviderByKey<ModuleRef>(ModuleRef)?.instance;
    if (!moduleRef) throw new Error(`The module of ${String(wrapper.name)} is gone`);
    const contextId = ContextIdFactory.getByRequest(subject);
    // As Nest defines `REQUEST`: durable providers outlive the request and see the payload.
    const isDurable = wrapper.isDependencyTreeDurable();
    const injected: unknown = isDurable ? contextId.payload : Object.assign(subject, contextId.payload);
    moduleRef.registerRequestByContextId(injected, contextId);
    const instance = await moduleRef.resolve<Host>(wrapper.token as never, contextId, { strict: true });
    return wrap(instance, contextId)(args, context, detail);
  };
}
