import { dtoConverters } from './dto-converters.js';
import type { DtoClass, DtoConverter, DtoLibraries, ValidationMetadata } from './dto-libraries.js';
import type { DtoModel, DtoModels } from './dto-model.js';
import { NESTED, type NestedDto } from './dto-nested.js';
import type { JsonSchema } from './schema.js';
import { isObject } from './validation.js';

/** Describes the models' first class as one self-contained document, the nested ones in `$defs`. */
export interface DtoDocument {
  readonly jsonSchema: JsonSchema;
  /** Classes that refuse unknown properties: `@JSONSchema({ additionalProperties: false })`. */
  readonly closed: ReadonlySet<DtoClass>;
}

export function describeModels(
  models: DtoModels,
  libraries: DtoLibraries,
  forbidNonWhitelisted = false,
): DtoDocument {
  const names = nameClasses(models);
  const described = new Map<DtoClass, JsonSchema>();
  for (const [dto, model] of models) {
    const schema = describeModel(model, names, libraries);
    // A class without any decorator takes everything.
    const isClosed = forbidNonWhitelisted && model.properties.size > 0;
    described.set(dto, isClosed ? { ...schema, additionalProperties: false } : schema);
  }
  const [root] = models.keys();
  const referenced = new Set([...models.values()].flatMap(nestedClasses));
  const definitions = [...described]
    .filter(([dto]) => referenced.has(dto))
    .map(([dto, schema]) => [names.get(dto), schema]);
  return {
    jsonSchema: {
      ...(root && described.get(root)),
      ...(definitions.length > 0 && { $defs: Object.fromEntries(definitions) }),
    },
    closed: new Set(
      [...described].filter(([, schema]) => schema['additionalProperties'] === false).map(([dto]) => dto),
    ),
  };
}

function nestedClasses({ properties }: DtoModel): readonly DtoClass[] {
  return [...properties.values()].flatMap(({ nested }) => nested?.classes ?? []);
}

/** Class names are not unique in an application; names inside a document must be. */
function nameClasses(models: DtoModels): ReadonlyMap<DtoClass, string> {
  const taken = new Set<string>();
  const names = new Map<DtoClass, string>();
  for (const dto of models.keys()) {
    const base = dto.name.replace(/[^A-Za-z0-9_.-]/g, '_') || 'Object';
    let name = base;
    for (let suffix = 2; taken.has(name); suffix += 1) name = `${base}${suffix}`;
    taken.add(name);
    names.set(dto, name);
  }
  return names;
}

function describeModel(
  model: DtoModel,
  names: ReadonlyMap<DtoClass, string>,
  libraries: DtoLibraries,
): JsonSchema {
  const metadatas = [...model.properties.values()]
    .flatMap((property) => property.metadatas)
    .sort(integersLast);
  if (metadatas.length === 0) return { type: 'object' };
  const nested: DtoConverter = ({ propertyName }) => {
    const held = model.properties.get(propertyName)?.nested;
    return held ? describeNested(held, names) : {};
  };
  const schemas = libraries.jsonSchema.validationMetadataArrayToSchemas(
    // The converter of nested properties knows their container; `each` would wrap a Map in an array.
    metadatas.map((metadata) => (metadata.type === NESTED ? { ...metadata, each: false } : metadata)),
    { additionalConverters: { ...dtoConverters, [NESTED]: nested } },
  );
  const { properties, required: _, ...rest } = Object.values(schemas)[0] ?? {};
  return { ...rest, type: 'object', ...describeProperties(model, isObject(properties) ? properties : {}) };
}

function describeProperties(
  { properties }: DtoModel,
  described: Readonly<Record<string, unknown>>,
): JsonSchema {
  const published = [...properties];
  const required = published.filter(([, property]) => property.required).map(([, { wireName }]) => wireName);
  return {
    properties: Object.fromEntries(
      published.map(([name, { wireName }]) => [wireName, described[name] ?? {}]),
    ),
    ...(required.length > 0 && { required }),
  };
}

function describeNested(nested: NestedDto, names: ReadonlyMap<DtoClass, string>): JsonSchema {
  const refer = (dto: DtoClass): JsonSchema => ({ $ref: `#/$defs/${names.get(dto)}` });
  const variants = nested.discriminator
    ? [...nested.discriminator.names].map(([name, dto]) => ({
        ...refer(dto),
        properties: { [nested.discriminator?.property ?? '']: { const: name } },
        required: [nested.discriminator?.property],
      }))
    : nested.classes.map(refer);
  const [only = {}, ...others] = variants;
  const item = others.length === 0 ? only : { anyOf: variants };
  if (nested.container === 'map') return { type: 'object', additionalProperties: item };
  return nested.container === 'list' ? { type: 'array', items: item } : item;
}

// Descriptions of one property are merged in order: "number" of @Min() must not replace "integer" of @IsInt().
function integersLast(a: ValidationMetadata, b: ValidationMetadata): number {
  return Number(a.type === 'isInt') - Number(b.type === 'isInt');
}
