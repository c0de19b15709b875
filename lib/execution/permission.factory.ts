import { Injectable } from '@nestjs/common';
import { ExternalContextCreator, ModuleRef } from '@nestjs/core';
import { McpError } from '../protocol/mcp.error.js';
import type { McpContext } from '../registry/mcp-context.js';
import { isHttpException } from '../calls/failure.js';
import { applicationConfigOf } from './application-config.js';
import { withGuardsOf } from './with-guards-of.js';
import { isEnhanced } from './enhancers.js';
import { handlerArguments } from './mcp-execution-context.js';
import { createInvoke, type Callback, type ProviderWrapper } from './invoke.js';

/** Checks whether the guards authorize a caller. */
export type Permission = (context: McpContext) => Promise<boolean>;

/** Asks the guards of a method, and runs nothing else of it. */
@Injectable()
export class PermissionFactory {
  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * `undefined` when nothing guards the method. Guards find no arguments; what they throw other than a refusal is thrown
   * on.
   */
  create(wrapper: ProviderWrapper, method: string, callback: Callback): Permission | undefined {
    if (!this.#isGuarded(wrapper, callback)) return undefined;
    const permit = withGuardsOf(callback, () => true);
    const invoke = createInvoke(wrapper, (instance, contextId) => {
      const run = this.contexts.create(
        instance,
        permit as (...args: unknown[]) => unknown,
        // A name of its own, as Nest remembers the parameters of a method by name.
        `${method} (guards)`,
        undefined,
        undefined,
        contextId,
        wrapper.id,
        { guards: true, interceptors: false, filters: false },
        'mcp',
      );
      return (...given) => run(...handlerArguments(...given));
    });
    return async (context) => {
      try {
        return (await invoke(undefined, context)) === true;
      } catch (error) {
        if (isRefusal(error)) return false;
        throw error;
      }
    };
  }

  #isGuarded({ metatype, instance }: ProviderWrapper, callback: Callback): boolean {
    const type = (instance as object | undefined)?.constructor;
    return isEnhanced('guards', [metatype, type, callback], applicationConfigOf(this.moduleRef));
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof McpError || (isHttpException(error) && error.getStatus() < 500);
}
