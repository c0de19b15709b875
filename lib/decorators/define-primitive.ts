import { ParameterKind } from '../mcp.constants.js';
import { rememberDecorated } from './decorated-classes.js';
import { completeParameters } from './mcp-params.decorators.js';
import { hideTypes } from './parameter-metadata.js';

/** Metadata that a decorator of a primitive writes. */
export interface PrimitiveDefinition {
  readonly key: string;
  readonly options: object;
  /** True if handlers have a third parameter. */
  readonly hasDetail?: boolean;
}

/** Makes the decorator that marks a method as a primitive. */
export function definePrimitive({ key, options, hasDetail }: PrimitiveDefinition): MethodDecorator {
  return (target, method, descriptor) => {
    completeParameters(target.constructor, method, hasDetail);
    hideTypes(target, method, [ParameterKind.Context, ParameterKind.Detail]);
    rememberDecorated(target.constructor);
    Reflect.defineMetadata(key, options, descriptor.value as object);
  };
}
