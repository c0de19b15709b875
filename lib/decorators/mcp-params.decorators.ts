import type { PipeTransform, Type } from '@nestjs/common';
import { ParameterKind } from '../mcp.constants.js';
import { addParameter, forgetInherited, readParameters } from './parameter-metadata.js';

type Pipe = PipeTransform | Type<PipeTransform>;

/**
 * Injects the validated arguments, or one property of them, through the given pipes.
 *
 * Not needed for `(args, ctx)` handlers: an undecorated first parameter is the arguments, an undecorated second one
 * the context.
 *
 * @publicApi
 */
export function McpArgs(...pipes: Pipe[]): ParameterDecorator;
export function McpArgs(property: string, ...pipes: Pipe[]): ParameterDecorator;
export function McpArgs(...given: (string | Pipe)[]): ParameterDecorator {
  const data = given.find((each) => typeof each === 'string');
  const pipes = given.filter((each) => typeof each !== 'string');
  return (target, method, index) => {
    if (method === undefined) throw new TypeError('@McpArgs() belongs on a parameter of a method');
    addParameter(target.constructor, method, ParameterKind.Arguments, { index, data, pipes });
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

/**
 * Gives an undecorated first parameter the arguments, an undecorated second one the context and, where `hasDetail`, an
 * undecorated third one the detail.
 */
export function completeParameters(target: object, method: string | symbol, hasDetail = false): void {
  forgetInherited(target, method);
  const taken = new Set(Object.values(readParameters(target, method)).map(({ index }) => index));
  const kinds = [
    ParameterKind.Arguments,
    ParameterKind.Context,
    ...(hasDetail ? [ParameterKind.Detail] : []),
  ];
  for (const [index, kind] of kinds.entries()) {
    if (!taken.has(index)) addParameter(target, method, kind, { index, data: undefined, pipes: [] });
  }
}
