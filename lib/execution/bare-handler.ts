import type { ApplicationConfig } from '@nestjs/core';
import { readParameters } from '../decorators/parameter-metadata.js';
import { isEnhanced } from './enhancers.js';
import type { Callback, Host } from './invoke.js';
import { mcpParamsFactory } from './mcp-params.factory.js';

/**
 * The handler of a method that no guard, pipe or interceptor and no parameter decorator of other libraries has to do with;
 * `undefined` for any other. What Nest makes of such a method does the same, but takes a tenth of a small call for it.
 */
export function bareHandler(
  instance: Host,
  method: string,
  callback: Callback,
  config: ApplicationConfig,
): ((...args: unknown[]) => unknown) | undefined {
  const decorated = [instance.constructor, callback];
  const kinds = ['guards', 'pipes', 'interceptors'] as const;
  if (kinds.some((kind) => isEnhanced(kind, decorated, config))) return undefined;
  const parameters = Object.entries(readParameters(instance.constructor, method)).map(
    ([key, { index, data, pipes }]) => ({ kind: Number(key.split(':', 1)[0]), index, data, pipes }),
  );
  // Other libraries' kinds are no numbers.
  if (parameters.some(({ kind, pipes = [] }) => Number.isNaN(kind) || pipes.length > 0)) return undefined;

  return (...args) => {
    const given: unknown[] = [];
    for (const { kind, index, data } of parameters) {
      given[index] = mcpParamsFactory.exchangeKeyForValue(kind, data, args);
    }
    return callback.apply(instance, given as never[]);
  };
}
