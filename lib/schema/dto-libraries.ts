import { loadOptionalPackage } from './optional-package.js';
import type { JsonSchema } from './schema.js';

// The shapes below are ours, so that the typings of this package never mention an optional one.

/** A class whose instances carry class-validator decorators. */
// `any`: the parameters of a constructor are of no concern here, and `unknown[]` would refuse every class.
export type DtoClass<T extends object = object> = new (...args: any[]) => T;

/** One decorator of class-validator on one property. */
export interface ValidationMetadata {
  readonly type: string;
  readonly target: unknown;
  readonly propertyName: string;
  readonly constraintCls?: unknown;
  readonly constraints?: readonly unknown[];
  readonly validateIf?: unknown;
  readonly each: boolean;
}

/** Error of class-validator for one property, or for the object itself where `property` is missing. */
export interface DtoValidationError {
  readonly target?: object;
  readonly property?: string;
  readonly children?: readonly DtoValidationError[];
  readonly constraints?: Readonly<Record<string, string>>;
}

/** Metadata of `@Type()` on a property. */
export interface TypeMetadata {
  readonly typeFunction?: (help: { newObject: object; object: object; property: string }) => unknown;
  readonly options?: {
    readonly discriminator?: {
      readonly property: string;
      readonly subTypes: readonly { readonly name: string; readonly value: DtoClass }[];
    };
  };
}

/** Types that class-transformer shall assume where a property has no `@Type()`. */
export interface TargetMap {
  readonly target: DtoClass;
  readonly properties: Readonly<Record<string, DtoClass>>;
}

/** Describes one decorator; a function where the description depends on its arguments. */
export type DtoConverter = JsonSchema | ((metadata: ValidationMetadata) => JsonSchema);

interface ValidatorPackage {
  getMetadataStorage(): {
    /** All decorators, by class; private, so that it may be missing. */
    readonly validationMetadatas?: ReadonlyMap<DtoClass, readonly ValidationMetadata[]>;
    getTargetValidationMetadatas(
      target: DtoClass,
      schemaName: string,
      always: boolean,
      strictGroups: boolean,
    ): ValidationMetadata[];
    getTargetValidatorConstraints(constraint: unknown): readonly { readonly name: string }[];
  };
  validate(
    value: object,
    options: {
      whitelist: boolean;
      forbidUnknownValues: boolean;
      strictGroups: boolean;
    },
  ): Promise<DtoValidationError[]>;
}

interface TransformerPackage {
  plainToInstance(dto: DtoClass, value: unknown, options: { targetMaps?: readonly TargetMap[] }): object;
}

interface TransformerStorage {
  findTypeMetadata(dto: DtoClass, property: string): TypeMetadata | undefined;
  findExcludeMetadata(dto: DtoClass, property: string): { options?: { toPlainOnly?: boolean } } | undefined;
  findExposeMetadata(dto: DtoClass, property: string): { options?: { name?: string } } | undefined;
  findTransformMetadatas(dto: DtoClass, property: string, transformation: number): readonly unknown[];
}

/** The optional packages that stand behind DTO classes. */
export interface DtoLibraries {
  readonly validator: ValidatorPackage;
  readonly transformer: TransformerPackage;
  readonly transformerStorage: TransformerStorage;
}

/** Loads them all, or says which one is missing. */
export async function loadDtoLibraries(where: string): Promise<DtoLibraries> {
  const purpose = `to use a class as a schema (${where})`;
  return {
    validator: await loadOptionalPackage<ValidatorPackage>('class-validator', purpose),
    transformer: await loadOptionalPackage<TransformerPackage>('class-transformer', purpose),
    transformerStorage: await loadTransformerStorage(purpose),
  };
}

// Not part of the public entry point of class-transformer, and the only way to learn the class behind @Type().
async function loadTransformerStorage(purpose: string): Promise<TransformerStorage> {
  const specifier = 'class-transformer/cjs/storage.js';
  const module = await loadOptionalPackage<{ defaultMetadataStorage: TransformerStorage }>(
    specifier,
    purpose,
  );
  return module.defaultMetadataStorage;
}
