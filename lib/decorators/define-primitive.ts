import { ParameterKind } from '../mcp.constants.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { rememberDecorated } from './decorated-classes.js';
import { completeParameters } from './mcp-params.decorators.js';
import { hideTypes } from './parameter-metadata.js';
import { remember } from './replaced-methods.js';

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
    assertMethod(target, method, descriptor);
    completeParameters(target.constructor, method, hasDetail);
    hideTypes(target, method, [ParameterKind.Context, ParameterKind.Detail]);
    rememberDecorated(target.constructor);
    Reflect.defineMetadata(key, options, descriptor.value as object);
    remember(key, target, method);
  };
}

/** Refuses what is no method that Nest finds in an instance: it would be left out of the lists without a word. */
function assertMethod(
  target: object,
  method: string | symbol | object,
  descriptor: PropertyDescriptor | undefined,
): void {
  // Decorators of ECMAScript are given a context in the place of a name.
  if (typeof method === 'object') {
    throw new McpConfigurationError(
      `${target instanceof Function ? target.name : 'A handler'}: the decorators of this library need the compiler option experimentalDecorators`,
    );
  }
  const isStatic = typeof target === 'function';
  const where = `${isStatic ? target.name : target.constructor.name}.${String(method)}`;
  if (isStatic) throw new McpConfigurationError(`${where} is static: make it a method of the provider`);
  if (typeof method === 'symbol') {
    throw new McpConfigurationError(
      `${where} is named by a symbol, which Nest does not look for: name it by a text`,
    );
  }
  if (typeof descriptor?.value === 'function') return;
  const kind = descriptor ? 'an accessor' : 'a property';
  throw new McpConfigurationError(`${where} is ${kind}: make it a method of the provider`);
}
