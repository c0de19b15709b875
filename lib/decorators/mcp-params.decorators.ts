import type { PipeTransform, Type } from '@nestjs/common';
import { ParameterKind } from '../mcp.constants.js';
import { addParameter } from './parameter-metadata.js';

type Pipe = PipeTransform | Type<PipeTransform>;

/**
 * Injects the validated arguments, or one property of them, through the given pipes.
 *
 * Not needed for `(args, ctx)` handlers: an undecorated first parameter is the arguments, an undecorated second one
 * the context.
 *
 * @publicApi
 */
export function McpArgs(property?: string, ...pipes: Pipe[]): ParameterDecorator {
  return (target, method, index) => {
    if (method === undefined) throw new TypeError('@McpArgs() belongs on a parameter of a method');
    addParameter(target.constructor, method, ParameterKind.Arguments, { index, data: property, pipes });
  };
}

/**
 * Injects the `McpContext` of the call.
 *
 * @publicApi
 */
export function McpCtx(): ParameterDecorator {
  return (target, method, index) => {
    if (method === undefined) throw new TypeError('@McpCtx() belongs on a parameter of a method');
    addParameter(target.constructor, method, ParameterKind.Context, { index, data: undefined, pipes: [] });
  };
}

/** Gives an undecorated first parameter the arguments and an undecorated second one the context. */
export function addDefaultParameters(target: object, method: string | symbol, taken: ReadonlySet<number>): void {
  if (!taken.has(0)) addParameter(target, method, ParameterKind.Arguments, { index: 0, data: undefined, pipes: [] });
  if (!taken.has(1)) addParameter(target, method, ParameterKind.Context, { index: 1, data: undefined, pipes: [] });
}
