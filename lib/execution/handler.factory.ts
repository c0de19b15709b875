import { isNativeError } from 'node:util/types';
import { HttpException, Injectable } from '@nestjs/common';
import { ExternalContextCreator, ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import { PARAMETERS_METADATA } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { InputRequired } from '../protocol/input-required.js';
import { isObject } from '../protocol/json-rpc.js';
import type { Invoke } from '../registry/entries.js';
import type { Admission } from '../calls/call.js';
import { unlessResponse } from '../calls/call-response.js';
import type { HandlerContext } from '../calls/handler-context.js';
import { applicationConfigOf } from './application-config.js';
import { isHttpException } from '../calls/failure.js';
import { bareHandler } from './bare-handler.js';
import { isOwnAbort, beforeInterceptors, withQuestions } from './control-flow.js';
import { isEnhanced } from './enhancers.js';
import { filtersOf } from './exception-filters.js';
import { withConvertedArguments } from './converted-arguments.js';
import { createInvoke, type Callback, type Handler, type ProviderWrapper, type Target } from './invoke.js';
import { handlerArguments } from './mcp-execution-context.js';
import { mcpParamsFactory } from './mcp-params.factory.js';
import { withGuardsOf } from './with-guards-of.js';

/** Part of what runs when a handler is invoked. */
type Stage = (...given: Parameters<Invoke>) => unknown;

/** A method in its two stages: who may call it, and everything else. */
interface InTwo {
  readonly guards: Stage;
  readonly rest: Stage;
}

/** Turns methods of providers into functions that run them through guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerFactory {
  private readonly contexts: ExternalContextCreator;

  constructor(
    contexts: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
  ) {
    this.contexts = withConvertedArguments(contexts);
  }

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
        moduleKey: wrapper.host?.token ?? '',
        contextId,
      }),
    );
  }

  #wrap(target: Target): Handler {
    const run = this.#enhanced(target);
    let inTwo: InTwo | undefined;
    return async (args, context, detail) => {
      const { admission, http } = context as HandlerContext;
      try {
        const result: unknown = admission
          ? await runInTwo((inTwo ??= this.#inTwo(target)), admission, [args, context, detail])
          : await run(args, context, detail);
        const value = unlessResponse(isObservable(result) ? await lastValueFrom(result) : result);
        // Answered as on a controller that takes its response into its own hands.
        if (value === undefined && http?.isRefused) throw http.writtenError() as Error;
        return value;
      } catch (error) {
        if (error instanceof InputRequired || isOwnAbort(error, context.signal)) throw error;
        return this.#filter(
          error,
          target,
          context as HandlerContext,
          handlerArguments(args, context, detail),
        );
      }
    };
  }

  /** The method behind everything but exception filters. */
  #enhanced(target: Target, guards = true): Stage {
    const { instance, metatype, method, callback, id, contextId } = target;
    const config = applicationConfigOf(this.moduleRef);
    const bare = bareHandler(target, config);
    if (bare) return bare;
    const isIntercepted = isEnhanced('interceptors', [metatype, instance.constructor, callback], config);
    const run = this.contexts.create(
      instance,
      (isIntercepted ? beforeInterceptors(callback) : callback) as (...args: unknown[]) => unknown,
      method,
      PARAMETERS_METADATA,
      mcpParamsFactory,
      contextId,
      id,
      { guards, interceptors: true, filters: false },
      'mcp',
    );
    return (...given) => {
      const args = handlerArguments(...given);
      return isIntercepted ? withQuestions(() => run(...args)) : run(...args);
    };
  }

  /** The same with its guards apart. */
  #inTwo(target: Target): InTwo {
    const { instance, metatype, method, callback, id, contextId } = target;
    const kinds = [metatype, instance.constructor, callback];
    const isGuarded = isEnhanced('guards', kinds, applicationConfigOf(this.moduleRef));
    const guards =
      isGuarded &&
      this.contexts.create(
        instance,
        withGuardsOf(callback, () => true) as (...args: unknown[]) => unknown,
        // A name of its own, as Nest remembers the parameters of a method by name.
        `${method} (guards)`,
        undefined,
        undefined,
        contextId,
        id,
        { guards: true, interceptors: false, filters: false },
        'mcp',
      );
    return {
      guards: (...given) => guards && guards(...handlerArguments(...given)),
      rest: this.#enhanced(target, false),
    };
  }

  /** Lets the exception filters replace what was thrown. A filter that gives nothing replaces nothing. */
  async #filter(
    error: unknown,
    { instance, callback, id, moduleKey, contextId }: Target,
    { http }: HandlerContext,
    args: unknown[],
  ): Promise<unknown> {
    const filters = filtersOf(this.contexts).create(instance, callback, moduleKey, contextId, id);
    const host = new ExecutionContextHost(args);
    host.setType('mcp');
    // Not by way of Nest's own handler of exceptions, which logs what no filter replaces: that is done once, elsewhere.
    const given: unknown = await filters.invokeCustomFilters(error, host);
    const replacement = unlessResponse(isObservable(given) ? await lastValueOf(given) : given);
    if (replacement !== undefined && replacement !== null) return replacement;
    throw http?.writtenError(error) ?? error;
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

async function runInTwo(
  { guards, rest }: InTwo,
  admission: Admission,
  given: Parameters<Invoke>,
): Promise<unknown> {
  if (!admission.isOver) await guards(...given);
  await admission.enter();
  return rest(...given);
}

/**
 * Reads the Observable that a filter returns, as filters for microservices do: the error, emitted or thrown, as text or as
 * an object with a message. Only a full result is returned as it is.
 */
async function lastValueOf(given: Observable<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([lastValueFrom(given, { defaultValue: undefined })]);
  const said: unknown = outcome.status === 'fulfilled' ? unlessResponse(outcome.value) : outcome.reason;
  if (outcome.status === 'fulfilled' && (said === undefined || said === null || isFullResult(said)))
    return said;
  if (isNativeError(said) || isHttpException(said)) throw said as Error;
  const message = isObject(said) ? said['message'] : said;
  throw new HttpException(typeof message === 'string' ? message : JSON.stringify(said), 500, { cause: said });
}

function isFullResult(value: unknown): boolean {
  return isObject(value) && ['content', 'contents', 'messages'].some((name) => Array.isArray(value[name]));
}
