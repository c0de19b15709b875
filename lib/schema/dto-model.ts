import { readAnnotations, readClassAnnotation, type DtoAnnotations } from './dto-annotations.js';
import type { DtoClass, DtoLibraries, ValidationMetadata } from './dto-libraries.js';
import { findNested, NESTED, type NestedDto } from './dto-nested.js';

/** A property that takes part in validation. */
export interface DtoProperty {
  /** Name on the wire; differs from the key in the model where `@Expose({ name })` renames it. */
  readonly wireName: string;
  readonly required: boolean;
  readonly metadatas: readonly ValidationMetadata[];
  readonly nested?: NestedDto;
  /** Other facts about it: the recorded type, `@ApiProperty()`, `@JSONSchema()`. */
  readonly annotations: DtoAnnotations;
  /** True if a `@Transform()` makes the value, so that the recorded type is not the one on the wire. */
  readonly transformed: boolean;
  /** Type that `@Type()` gives to the value or to each member of a list. */
  readonly itemType: unknown;
}

/** A property of which nothing is known but its name. */
export function bareProperty(wireName: string): DtoProperty {
  return {
    wireName,
    required: false,
    metadatas: [],
    annotations: {},
    transformed: true,
    itemType: undefined,
  };
}

/** Description of the instances of a class. */
export interface DtoModel {
  readonly dto: DtoClass;
  readonly properties: ReadonlyMap<string, DtoProperty>;
  /** The `@JSONSchema()` of the class. */
  readonly annotation: unknown;
}

/** The models of a class and of every class nested in it, the class itself first. */
export type DtoModels = ReadonlyMap<DtoClass, DtoModel>;

const CLASS_TO_INSTANCE = 0;
const OPTIONAL = new Set(['conditionalValidation', 'isEmpty']);
const NOT_EMPTY = new Set(['arrayNotEmpty', 'arrayMinSize', 'arrayContains']);
const UNDEMANDING = new Set(['whitelistValidation']);

/**
 * Reads the decorators of a class and of the classes nested in it.
 *
 * Only decorators without groups (or with `always`) count, as they do when values are validated: a property all of
 * whose decorators belong to a group is not part of the DTO.
 */
export function readModels(root: DtoClass, libraries: DtoLibraries, where: string): DtoModels {
  const models = new Map<DtoClass, DtoModel>();
  const open = [root];
  for (let dto = open.shift(); dto; dto = open.shift()) {
    if (models.has(dto)) continue;
    const model = readModel(dto, libraries, where);
    models.set(dto, model);
    for (const { nested } of model.properties.values()) open.push(...(nested?.classes ?? []));
  }
  return models;
}

function readModel(dto: DtoClass, libraries: DtoLibraries, where: string): DtoModel {
  const properties = new Map<string, DtoProperty>();
  const grouped = groupByProperty(readMetadatas(dto, libraries));
  const initial = initialValues(dto);
  for (const [name, metadatas] of grouped) {
    const { transformerStorage } = libraries;
    const excluded = transformerStorage.findExcludeMetadata(dto, name);
    if (excluded && excluded.options?.toPlainOnly !== true) continue;
    const nested = metadatas.some(({ type }) => type === NESTED)
      ? findNested(dto, name, metadatas, { libraries, where })
      : undefined;
    const transformed = transformerStorage.findTransformMetadatas(dto, name, CLASS_TO_INSTANCE).length > 0;
    properties.set(name, {
      wireName: transformerStorage.findExposeMetadata(dto, name)?.options?.name ?? name,
      required: isRequired(metadatas) && !isInitialised(initial[name], metadatas),
      metadatas,
      annotations: readAnnotations(dto, name, metadatas, libraries),
      transformed,
      itemType: nested ? undefined : typeOf(dto, name, libraries),
      ...(nested && { nested: { ...nested, checked: !transformed } }),
    });
  }
  return { dto, properties, annotation: readClassAnnotation(dto, grouped, libraries) };
}

/** Decorators of the class and of the classes it extends, each named by its constraint (`isString`, ...). */
function readMetadatas(dto: DtoClass, { validator }: DtoLibraries): ValidationMetadata[] {
  const storage = validator.getMetadataStorage();
  return storage.getTargetValidationMetadatas(dto, '', false, true).map((metadata) => {
    const [constraint] = storage.getTargetValidatorConstraints(metadata.constraintCls);
    return { ...metadata, target: dto, type: constraint?.name ?? metadata.type };
  });
}

function groupByProperty(metadatas: readonly ValidationMetadata[]): Map<string, ValidationMetadata[]> {
  const groups = new Map<string, ValidationMetadata[]>();
  for (const metadata of metadatas) {
    groups.set(metadata.propertyName, [...(groups.get(metadata.propertyName) ?? []), metadata]);
  }
  return groups;
}

function isRequired(metadatas: readonly ValidationMetadata[]): boolean {
  if (metadatas.some(({ type }) => OPTIONAL.has(type))) return false;
  return metadatas.some(({ type, validateIf }) => !UNDEMANDING.has(type) && !validateIf);
}

/** Initial values of the properties of a class; classes that cannot be constructed are refused elsewhere. */
function initialValues(dto: DtoClass): Readonly<Record<string, unknown>> {
  try {
    return { ...new dto() };
  } catch {
    return {};
  }
}

/** Checks whether an initialiser replaces a missing value. An empty one may be there for the compiler alone. */
function isInitialised(initial: unknown, metadatas: readonly ValidationMetadata[]): boolean {
  if (initial === undefined || initial === null || initial === '' || Number.isNaN(initial)) return false;
  const isEmptyList = Array.isArray(initial) && initial.length === 0;
  return !(isEmptyList && metadatas.some(({ type }) => NOT_EMPTY.has(type)));
}

function typeOf(dto: DtoClass, name: string, { transformerStorage }: DtoLibraries): unknown {
  try {
    return transformerStorage
      .findTypeMetadata(dto, name)
      ?.typeFunction?.({ newObject: {}, object: {}, property: name });
  } catch {
    return undefined;
  }
}
