import { ValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { ExternalContextCreator } from '@nestjs/core';
import { ParameterKind } from '../mcp.constants.js';

interface PipesConsumer {
  apply(value: unknown, metadata: ParameterMetadata, pipes: readonly PipeTransform[]): Promise<unknown>;
}

/** Metadata that pipes receive for a parameter, except that its kind is a number here. */
type ParameterMetadata = Omit<ArgumentMetadata, 'type'> & { readonly type: number };

/**
 * The same creator of handlers, whose `ValidationPipe`s leave alone what is an instance of the declared class already: the
 * arguments of a tool have been converted and validated by then, and many a conversion cannot be done twice.
 */
export function withConvertedArguments(contexts: ExternalContextCreator): ExternalContextCreator {
  const { pipesConsumer } = contexts as unknown as { readonly pipesConsumer: PipesConsumer };
  const consumer: PipesConsumer = {
    apply: (value, metadata, pipes) => {
      const { type, metatype } = metadata;
      const isConverted =
        type === ParameterKind.Arguments && typeof metatype === 'function' && value instanceof metatype;
      return pipesConsumer.apply(
        value,
        metadata,
        isConverted ? pipes.map((pipe) => sparing(pipe, metatype)) : pipes,
      );
    },
  };
  return Object.create(contexts, { pipesConsumer: { value: consumer } }) as ExternalContextCreator;
}

/**
 * A `ValidationPipe` does nothing to a value without a class. One that expects another class, or asks for groups that the
 * arguments have not been held to, is meant to run.
 */
function sparing(pipe: PipeTransform, converted: unknown): PipeTransform {
  if (!(pipe instanceof ValidationPipe)) return pipe;
  const { expectedType, validatorOptions } = pipe as unknown as ValidationPipeOptions;
  if (validatorOptions.groups && validatorOptions.groups.length > 0) return pipe;
  if (expectedType === converted) return { transform: (value: unknown) => value };
  return {
    transform: (value, metadata) => pipe.transform(value, { ...metadata, metatype: Object }) as unknown,
  };
}

/** Options that Nest keeps on a `ValidationPipe`. */
interface ValidationPipeOptions {
  readonly expectedType?: unknown;
  readonly validatorOptions: { readonly groups?: readonly string[] };
}
