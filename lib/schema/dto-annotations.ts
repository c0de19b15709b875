import { isObject } from '../protocol/json-rpc.js';
import type { DtoClass, DtoLibraries, ValidationMetadata } from './dto-libraries.js';
import type { JsonSchema } from './schema.js';

/** Facts from other decorators about a property or a class, and the type that the compiler recorded. */
export interface DtoAnnotations {
  /** The type the compiler recorded. */
  readonly recorded?: unknown;
  /** The options of `@ApiProperty()`. */
  readonly swagger?: Readonly<Record<string, unknown>>;
  /** The argument of `@JSONSchema()`: a schema, or a function that makes one of what is known so far. */
  readonly jsonSchema?: unknown;
}

// Metadata is read by key, so that neither package has to be installed.
const API_PROPERTY = 'swagger/apiModelProperties';
const JSON_SCHEMA = 'class-validator-jsonschema:JSONSchema';

/**
 * Finds what describes a property, in the class itself or in the class that a mapped type was made of: mapped types copy
 * the decorators of class-validator, and nothing else that could tell where they are from.
 */
export function readAnnotations(
  dto: DtoClass,
  property: string,
  metadatas: readonly ValidationMetadata[],
  libraries: DtoLibraries,
): DtoAnnotations {
  const own = annotationsOf(dto, property);
  if ('recorded' in own && 'swagger' in own && 'jsonSchema' in own) return own;
  return originsOf(dto, property, metadatas, libraries)
    .map((origin) => annotationsOf(origin, property))
    .reduceRight((known, more) => ({ ...known, ...more }), own);
}

/** The `@JSONSchema()` of a class, or of the one class that all its properties were mapped from. */
export function readClassAnnotation(
  dto: DtoClass,
  properties: ReadonlyMap<string, readonly ValidationMetadata[]>,
  libraries: DtoLibraries,
): unknown {
  const own = jsonSchemaOf(dto, dto.name);
  if (own !== undefined) return own;
  const [first = [], ...others] = [...properties].map(([name, metadatas]) =>
    originsOf(dto, name, metadatas, libraries),
  );
  const origin = first.find(
    (candidate) =>
      jsonSchemaOf(candidate, candidate.name) !== undefined &&
      others.every((origins) => origins.includes(candidate)),
  );
  return origin && jsonSchemaOf(origin, origin.name);
}

/** The description in `@ApiSchema()` of a class. */
export function readApiSchema(dto: DtoClass): JsonSchema {
  const [options] = (getMetadata('swagger/apiSchema', dto) ?? []) as readonly unknown[];
  const description = isObject(options) ? options['description'] : undefined;
  return typeof description === 'string' ? { description } : {};
}

function annotationsOf(dto: DtoClass, property: string): DtoAnnotations {
  const prototype = dto.prototype as object;
  const recorded = getMetadata('design:type', prototype, property);
  const swagger = getMetadata(API_PROPERTY, prototype, property);
  const jsonSchema = jsonSchemaOf(dto, property);
  return {
    ...(recorded !== undefined && { recorded }),
    ...(isObject(swagger) && { swagger }),
    ...(jsonSchema !== undefined && { jsonSchema }),
  };
}

/** Classes whose decorators of this property are all among these: each decorator has a constraint of its own. */
function originsOf(
  dto: DtoClass,
  property: string,
  metadatas: readonly ValidationMetadata[],
  { validator }: DtoLibraries,
): readonly DtoClass[] {
  const { validationMetadatas } = validator.getMetadataStorage();
  const isCopied = (theirs: ValidationMetadata) =>
    metadatas.some(
      (ours) => ours.constraintCls === theirs.constraintCls && ours.constraints === theirs.constraints,
    );
  const origins: DtoClass[] = [];
  for (const [target, all] of validationMetadatas ?? []) {
    if (target === dto) continue;
    const theirs = all.filter(
      ({ propertyName, constraintCls, constraints }) =>
        propertyName === property && (constraintCls ?? constraints) !== undefined,
    );
    if (theirs.length > 0 && theirs.every(isCopied)) origins.push(target);
  }
  return origins;
}

function jsonSchemaOf(dto: DtoClass, name: string): unknown {
  const { getMetadataKeys } = Reflect as typeof Reflect & {
    readonly getMetadataKeys?: (target: unknown, property: string) => readonly unknown[];
  };
  const key: unknown = getMetadataKeys?.(dto, name).find(
    (candidate) => typeof candidate === 'symbol' && candidate.description === JSON_SCHEMA,
  );
  return key === undefined ? undefined : getMetadata(key, dto, name);
}

function getMetadata(key: unknown, target: object, property?: string): unknown {
  const { getMetadata: read } = Reflect as typeof Reflect & {
    readonly getMetadata?: (key: unknown, target: object, property?: string) => unknown;
  };
  return read?.(key, target, property);
}
