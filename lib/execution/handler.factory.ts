import { Injectable } from '@nestjs/common';
import {
  ContextIdFactory,
  ExternalContextCreator,
  ModuleRef,
  type ContextId,
  type DiscoveryService,
} from '@nestjs/core';
import { FILTERS_METADATA, GUARDS_METADATA, PARAMETERS_METADATA } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { McpError } from '../protocol/mcp.error.js';
import type { Invoke } from '../registry/entries.js';
import type { McpContext } from '../registry/mcp-context.js';
import { isHttpException } from '../server/failure.js';
import { applicationConfigOf } from './application-config.js';
import { companionOf } from './companion.js';
import { mcpParamsFactory } from './mcp-params.factory.js';

/** Nest's record of a provider; its type has no public name. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

type Handler = (...args: unknown[]) => Promise<unknown>;
type Callback = (...args: never[]) => unknown;
type Host = Record<string, Callback>;

/** Whether the caller may go on. */
export type Permission = (context: McpContext) => Promise<boolean>;

/** Makes a handler on an instance. */
type Wrap = (instance: Host, contextId?: ContextId) => Handler;

/** A method, of the instance it runs on, as Nest's creator of handlers wants to know it. */
interface Target {
  readonly instance: Host;
  readonly method: string;
  /** What runs, on the instance, and carries the metadata. */
  readonly callback: Callback;
  readonly id: string;
  readonly contextId?: ContextId | undefined;
}

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
    return this.#invoker(wrapper, (instance, contextId) =>
      this.#wrap(toTarget(instance, method, { id: wrapper.id, callback, contextId })),
    );
  }

  /**
   * Tells whether the guards of a method let a caller through; nothing else of the method runs. `undefined` when nothing
   * guards it. A guard finds no arguments yet; what it throws other than a refusal is thrown on.
   */
  createPermission(wrapper: ProviderWrapper, method: string, callback?: Callback): Permission | undefined {
    const target = callback ?? (prototypeMethod(wrapper, method) as Callback);
    if (!this.#isGuarded(target, wrapper)) return undefined;
    const permit = companionOf(target, () => true);
    const invoke = this.#invoker(wrapper, (instance, contextId) =>
      this.#permit(toTarget(instance, `${method} (guards)`, { id: wrapper.id, callback: permit, contextId })),
    );
    return async (context) => {
      try {
        return (await invoke(undefined, context)) === true;
      } catch (error) {
        if (isRefusal(error)) return false;
        throw error;
      }
    };
  }

  #isGuarded(callback: object, wrapper: ProviderWrapper): boolean {
    const config = applicationConfigOf(this.moduleRef);
    const onClass = wrapper.metatype && (Reflect.getMetadata(GUARDS_METADATA, wrapper.metatype) as unknown);
    const onMethod: unknown = Reflect.getMetadata(GUARDS_METADATA, callback);
    const isGlobal = config.getGlobalGuards().length + config.getGlobalRequestGuards().length > 0;
    return isGlobal || onClass !== undefined || onMethod !== undefined;
  }

  #permit({ instance, method, callback, id, contextId }: Target): Handler {
    const options = { guards: true, interceptors: false, filters: false };
    return this.contexts.create(
      instance,
      callback as () => unknown,
      method,
      undefined,
      undefined,
      contextId,
      id,
      options,
      'mcp',
    ) as Handler;
  }

  #invoker(wrapper: ProviderWrapper, wrap: Wrap): Invoke {
    const isScoped = wrapper.isTransient || !wrapper.isDependencyTreeStatic();
    if (isScoped) return this.#scoped(wrapper, wrap);
    const handler = wrap(wrapper.instance as Host);
    return (args, context, detail) =>
      handler(context.http?.request, context.http?.response, context, args, detail);
  }

  /** The provider, or something it needs, lives as long as a request does: both are made anew for each call. */
  #scoped(wrapper: ProviderWrapper, wrap: Wrap): Invoke {
    return async (args, context, detail) => {
      const { request, response } = context.http ?? {};
      const subject = request ?? {};
      const moduleRef = wrapper.host?.getProviderByKey<ModuleRef>(ModuleRef)?.instance;
      if (!moduleRef) throw new Error(`The module of ${String(wrapper.name)} is gone`);
      const contextId = ContextIdFactory.getByRequest(subject);
      // What `REQUEST` stands for is Nest's own rule: durable providers outlive the request and see the payload.
      const isDurable = wrapper.isDependencyTreeDurable();
      const injected: unknown = isDurable ? contextId.payload : Object.assign(subject, contextId.payload);
      moduleRef.registerRequestByContextId(injected, contextId);
      const instance = await moduleRef.resolve<Host>(wrapper.token as never, contextId, { strict: true });
      return wrap(instance, contextId)(request, response, context, args, detail);
    };
  }

  #wrap(target: Target): Handler {
    const { instance, method, callback, id, contextId } = target;
    const run = this.contexts.create(
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
        return (await run(...args)) as unknown;
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

function toTarget(
  instance: Host,
  method: string,
  { id, callback = instance[method] as Callback, contextId }: Partial<Target> & Pick<Target, 'id'>,
): Target {
  return { instance, method, callback, id, ...(contextId && { contextId }) };
}

function prototypeMethod({ instance, token }: ProviderWrapper, method: string): unknown {
  const holder = (instance ?? (token as { prototype?: unknown }).prototype) as Host;
  return holder[method];
}

function isRefusal(error: unknown): boolean {
  return error instanceof McpError || (isHttpException(error) && error.getStatus() < 500);
}
