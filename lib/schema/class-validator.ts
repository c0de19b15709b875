import { assertConstructible, createConverter } from './dto-conversion.js';
import { toIssues } from './dto-issues.js';
import { describeModels } from './dto-json-schema.js';
import { loadDtoLibraries, type DtoClass } from './dto-libraries.js';
import { readModels } from './dto-model.js';
import { findShapeIssues } from './dto-shape.js';
import type { ResolveSchemaOptions } from './schema-source.js';
import { assertSelfContained, inspectDocument } from './schema-document.js';
import type { Schema, Validation, ValidationIssue } from './schema.js';
import { accept, isObject, refuse, refuseTooDeep } from './validation.js';

export type { DtoClass } from './dto-libraries.js';

/**
 * A schema from a class with class-validator decorators.
 *
 * - Input becomes an instance of the class. Properties without a decorator are removed, or refused if the class
 *   says `@JSONSchema({ additionalProperties: false })`; a class without any decorator keeps them all.
 * - Output, plain or an instance, is converted for the check alone and returned as it was.
 * - Decorators that belong to a group do not apply; a property that has no others is treated as undecorated.
 * - Nothing is converted implicitly: `@Type(() => Number)` makes a number of a string.
 */
export async function fromDtoClass(
  dto: DtoClass,
  { where, direction }: Pick<ResolveSchemaOptions, 'where' | 'direction'>,
): Promise<Schema> {
  const libraries = await loadDtoLibraries(where);
  const models = readModels(dto, libraries, where);
  assertConstructible(models, where);
  const { jsonSchema, closed } = describeModels(models);
  inspectDocument(jsonSchema, where);
  assertSelfContained(jsonSchema, where);

  const convert = createConverter(dto, models, libraries);
  const options = { whitelist: direction === 'input', forbidUnknownValues: true, strictGroups: true };

  const findIssues = async (value: object, instance: object): Promise<ValidationIssue[]> => {
    const errors = await libraries.validator.validate(instance, options);
    return [...findShapeIssues(value, dto, { models, closed }), ...toIssues(errors, models)];
  };

  const check = async (value: unknown): Promise<Validation> => {
    if (!isObject(value)) return refuse([{ path: '', message: 'must be an object' }]);
    const instance = tryConvert(convert, value);
    if (!instance) return refuse([{ path: '', message: 'holds a value that cannot be converted' }]);
    const issues = await findIssues(value, instance);
    if (issues.length > 0) return refuse(issues);
    return accept(direction === 'input' ? instance : value);
  };

  return { jsonSchema, validate: (value) => check(value).catch(refuseTooDeep) };
}

/** A `@Transform()` runs before anything is validated, so what it throws is owed to the value. */
function tryConvert(convert: (value: object) => object, value: object): object | undefined {
  try {
    return convert(value);
  } catch {
    return undefined;
  }
}
