import type { PipeTransform, Type } from '@nestjs/common';
import { PARAMETERS_METADATA } from '../mcp.constants.js';

/** What Nest keeps about one decorated parameter, under the key `<kind>:<index>`. */
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
