import { isObject } from '../protocol/json-rpc.js';
import { assertConstructible, createConverter } from './dto-conversion.js';
import { toIssues } from './dto-issues.js';
import { describeModels } from './dto-json-schema.js';
import { loadDtoLibraries, type DtoClass } from './dto-libraries.js';
import { bareProperty, readModels, type DtoModels } from './dto-model.js';
import { findShapeIssues } from './dto-shape.js';
import { findValueIssues } from './dto-values.js';
import { checkOutput, createWireSchema } from './dto-wire.js';
import type { ResolveSchemaOptions } from './schema-source.js';
import { assertSelfContained, inspectDocument } from './schema-document.js';
import type { Schema, Validation, ValidationIssue } from './schema.js';
import { accept, refuse, refuseTooDeep } from './validation.js';

export type { DtoClass } from './dto-libraries.js';

const MAX_WIDTH = 10_000;

/**
 * A schema from a class with class-validator decorators.
 *
 * - Input becomes an instance of the class. Properties without a decorator are removed, or refused if the class
 *   says `@JSONSchema({ additionalProperties: false })` or the application has a global `ValidationPipe` with
 *   `forbidNonWhitelisted`; a class without any decorator keeps them all.
 * - Output, plain or an instance, is converted for the check alone and returned as it was.
 * - Decorators that belong to a group do not apply; a property that has no others is treated as undecorated.
 * - Nothing is converted implicitly: `@Type(() => Number)` makes a number of a string.
 */
export async function fromDtoClass(
  dto: DtoClass,
  { where, direction, forbidNonWhitelisted = false, warn }: Omit<ResolveSchemaOptions, 'schemaToJson'>,
): Promise<Schema> {
  const libraries = await loadDtoLibraries(where);
  const read = readModels(dto, libraries, where);
  const models = forbidNonWhitelisted ? withDiscriminators(read) : read;
  assertConstructible(models, where);
  if (direction === 'input' && read.get(dto)?.properties.size === 0) {
    warn?.(
      `${where}: ${dto.name} has no decorators of class-validator, so that its properties are neither described nor checked. ` +
        'Decorate each of them, or leave the parameter out if there are no arguments.',
    );
  }
  const { jsonSchema, closed } = describeModels(models, forbidNonWhitelisted);
  inspectDocument(jsonSchema, where);
  assertSelfContained(jsonSchema, where);

  const convert = createConverter(dto, models, libraries);
  const wire = createWireSchema(jsonSchema, models, { direction, where, libraries });
  const options = {
    whitelist: direction === 'input',
    forbidUnknownValues: true,
    strictGroups: true,
  };

  const findIssues = async (value: object, instance: object): Promise<readonly ValidationIssue[]> => {
    const errors = await libraries.validator.validate(instance, options);
    const issues = [...findShapeIssues(value, dto, { models, closed }), ...toIssues(errors, models)];
    if (issues.length === 0) issues.push(...findValueIssues(instance, models));
    if (issues.length > 0) return issues;
    const validation = await (direction === 'input' ? wire.validate(value) : checkOutput(wire, value));
    return validation.ok ? [] : validation.issues;
  };

  const check = async (value: unknown): Promise<Validation> => {
    if (!isObject(value)) return refuse([{ path: '', message: 'must be an object' }]);
    if (direction === 'input' && isTooWide(value))
      return refuse([{ path: '', message: `has more than ${MAX_WIDTH} properties` }]);
    const instance = tryConvert(convert, value);
    if (!instance) return refuse([{ path: '', message: 'holds a value that cannot be converted' }]);
    const issues = await findIssues(value, instance);
    if (issues.length > 0) return refuse(issues);
    return accept(direction === 'input' ? instance : value);
  };

  return { jsonSchema, patterns: patternsOf(models), validate: (value) => check(value).catch(refuseTooDeep) };
}

/** A class that takes nothing but what it knows has to know what tells it from others. */
function withDiscriminators(models: DtoModels): DtoModels {
  const complete = new Map(models);
  for (const { properties } of models.values()) {
    for (const { nested } of properties.values()) {
      const name = nested?.discriminator?.property;
      for (const dto of name === undefined ? [] : (nested?.classes ?? [])) {
        const model = complete.get(dto);
        if (!model || name === undefined || model.properties.size === 0 || model.properties.has(name))
          continue;
        complete.set(dto, {
          ...model,
          properties: new Map([...model.properties, [name, bareProperty(name)]]),
        });
      }
    }
  }
  return complete;
}

/** Patterns of `@Matches()`, published or not. */
function patternsOf(models: DtoModels): string[] {
  const metadatas = [...models.values()].flatMap(({ properties }) =>
    [...properties.values()].flatMap((property) => property.metadatas),
  );
  return metadatas
    .filter(({ type }) => type === 'matches')
    .map(({ constraints: [pattern] = [] }) => (pattern instanceof RegExp ? pattern.source : String(pattern)));
}

/** Checks whether an object has too many properties for class-transformer, which compares each with every other. */
function isTooWide(value: object): boolean {
  const open: object[] = [value];
  for (let next = open.pop(); next; next = open.pop()) {
    const members: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next) && members.length > MAX_WIDTH) return true;
    for (const member of members) if (typeof member === 'object' && member !== null) open.push(member);
  }
  return false;
}

/** A `@Transform()` runs before anything is validated, so what it throws is owed to the value. */
function tryConvert(convert: (value: object) => object, value: object): object | undefined {
  try {
    return convert(value);
  } catch {
    return undefined;
  }
}
