import { engine } from '#schema-engine';
import { describeModels } from './dto-json-schema.js';
import type { DtoClass, DtoLibraries } from './dto-libraries.js';
import { bareProperty, type DtoModel, type DtoModels, type DtoProperty } from './dto-model.js';
import { compileSchema } from './json-schema.js';
import type { JsonSchema, Schema, SchemaDirection, Validation } from './schema.js';

const CLASS_TO_INSTANCE = 0;

/** Context for checking values as they are on the wire. */
export interface WireCheck {
  readonly direction: SchemaDirection;
  readonly where: string;
  readonly libraries: DtoLibraries;
}

/**
 * A schema that holds values to what the class publishes, beside what its decorators check: class-validator knows many a
 * rule of a document less exactly.
 *
 * - What a class converts (`@Transform()`, `@Type(() => Number)`) is the class's own business in input: it alone knows what
 *   it takes. The same for what has a value if none is given.
 * - Formats are left to class-validator in both directions; its notion of an address or a date is not quite that of Ajv.
 */
export function createWireSchema(
  published: JsonSchema,
  models: DtoModels,
  { direction, where, libraries }: WireCheck,
): Schema {
  const options = { validateFormats: false };
  if (direction === 'output') return compileSchema(published, where, options);
  const { jsonSchema } = describeModels(loosen(models, libraries));
  return engine.withTimeLimit(compileSchema(jsonSchema, where, options), where);
}

/** Checks a value as its JSON, with Map and Set as the objects and lists they are published as. */
export function checkOutput(schema: Schema, value: unknown): Validation | Promise<Validation> {
  const validation = schema.validate(value) as Validation;
  // Only what is no plain JSON has to be made such.
  return validation.ok ? validation : schema.validate(JSON.parse(JSON.stringify(value, toPlain)));
}

function toPlain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

function loosen(models: DtoModels, libraries: DtoLibraries): DtoModels {
  return new Map([...models].map(([dto, model]) => [dto, loosenModel(model, libraries)]));
}

function loosenModel(model: DtoModel, libraries: DtoLibraries): DtoModel {
  const { dto, properties } = model;
  const initial = new dto() as Readonly<Record<string, unknown>>;
  const loosened = [...properties].map(([name, property]): [string, DtoProperty] => {
    const required = property.required && initial[name] === undefined;
    if (!isConverted(dto, name, property, libraries)) return [name, { ...property, required }];
    return [name, bareProperty(property.wireName)];
  });
  return { ...model, properties: new Map(loosened) };
}

function isConverted(
  dto: DtoClass,
  name: string,
  { nested }: DtoProperty,
  { transformerStorage }: DtoLibraries,
): boolean {
  if (transformerStorage.findTransformMetadatas(dto, name, CLASS_TO_INSTANCE).length > 0) return true;
  return !nested && transformerStorage.findTypeMetadata(dto, name) !== undefined;
}
