import type { ApplicationConfig } from '@nestjs/core';
import { readParameters } from '../decorators/parameter-metadata.js';
import { ParameterKind } from '../mcp.constants.js';
import type { Invoke } from '../registry/entries.js';
import { isEnhanced } from './enhancers.js';
import type { Target } from './invoke.js';
import { mcpParamsFactory } from './mcp-params.factory.js';

/**
 * The handler of a method that no guard, pipe or interceptor and no parameter decorator of other libraries has to do with;
 * `undefined` for any other. What Nest makes of such a method does the same, and takes 2 µs of a small call's 28 for it.
 */
export function bareHandler(
  { instance, metatype, method, callback }: Target,
  config: ApplicationConfig,
): ((...given: Parameters<Invoke>) => unknown) | undefined {
  // The metadata may be elsewhere: a class decorator can put another class in the place of this one.
  if (metatype !== instance.constructor) return undefined;
  const decorated = [metatype, callback];
  const kinds = ['guards', 'pipes', 'interceptors'] as const;
  if (kinds.some((kind) => isEnhanced(kind, decorated, config))) return undefined;
  const parameters = Object.entries(readParameters(metatype, method)).map(
    ([key, { index, data, pipes }]) => ({ kind: Number(key.split(':', 1)[0]), index, data, pipes }),
  );
  // Other libraries' kinds are no numbers.
  if (parameters.some(({ kind, pipes = [] }) => Number.isNaN(kind) || pipes.length > 0)) return undefined;

  const usesResponse = parameters.some(({ kind }) => kind === ParameterKind.Response);
  return (args, context, detail) => {
    const { http } = context;
    const source = [http?.request, usesResponse ? http?.response : undefined, context, args, detail];
    const given: unknown[] = [];
    for (const { kind, index, data } of parameters) {
      given[index] = mcpParamsFactory.exchangeKeyForValue(kind, data, source);
    }
    return callback.apply(instance, given as never[]);
  };
}
