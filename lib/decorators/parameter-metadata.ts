import type { PipeTransform, Type } from '@nestjs/common';
import { PARAMETERS_METADATA } from '../mcp.constants.js';

/** Nest's metadata of one decorated parameter, under the key `<kind>:<index>`. */
export interface ParameterMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly (PipeTransform | Type<PipeTransform>)[];
}

export type ParametersMetadata = Readonly<Record<string, ParameterMetadata>>;

export function readParameters(target: object, method: string | symbol): ParametersMetadata {
  return (Reflect.getMetadata(PARAMETERS_METADATA, target, method) as ParametersMetadata | undefined) ?? {};
}

export function addParameter(
  target: object,
  method: string | symbol,
  kind: number,
  parameter: ParameterMetadata,
): void {
  const parameters = { ...readParameters(target, method), [`${kind}:${parameter.index}`]: parameter };
  Reflect.defineMetadata(PARAMETERS_METADATA, parameters, target, method);
}

/** Drops what decorators have copied from the method that this one overrides: its parameters are not these. */
export function forgetInherited(target: object, method: string | symbol): void {
  const parent: unknown = Object.getPrototypeOf(target);
  const inherited = new Set(
    typeof parent === 'function' ? Object.values(readParameters(parent, method)) : [],
  );
  const own = Object.entries(readParameters(target, method)).filter(
    ([, parameter]) => !inherited.has(parameter),
  );
  Reflect.defineMetadata(PARAMETERS_METADATA, Object.fromEntries(own), target, method);
}

/** Hides what the compiler recorded as the types of such parameters, so that no pipe converts or validates them. */
export function hideTypes(prototype: object, method: string | symbol, kinds: readonly number[]): void {
  const types = Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined;
  if (!types) return;
  const parameters = readParameters(prototype.constructor, method);
  const isHidden = (index: number) => kinds.some((kind) => `${kind}:${index}` in parameters);
  const shown = types.map((type, index) => (isHidden(index) ? Object : type));
  Reflect.defineMetadata('design:paramtypes', shown, prototype, method);
}
