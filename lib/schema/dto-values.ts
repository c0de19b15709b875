import { enumValues } from './dto-converters.js';
import type { DtoClass } from './dto-libraries.js';
import type { DtoModels, DtoProperty } from './dto-model.js';
import type { ValidationIssue } from './schema.js';
import { joinPath } from './validation.js';

/**
 * Finds what class-validator lets pass in an instance although the published schema refuses it: the name of a member of a
 * numeric enum, an integer that is not exact, a list as an item of a list of nested objects.
 */
export function* findValueIssues(
  instance: unknown,
  models: DtoModels,
  path = '',
): Generator<ValidationIssue> {
  if (typeof instance !== 'object' || instance === null) return;
  const model = models.get(instance.constructor as DtoClass);
  for (const [name, property] of model?.properties ?? []) {
    const held = (instance as Readonly<Record<string, unknown>>)[name];
    if (held === undefined || held === null) continue;
    const heldPath = joinPath(path, property.wireName);
    yield* findPropertyIssues(held, property, heldPath);
    if (!property.nested) continue;
    if (property.nested.container === 'one') {
      yield* findValueIssues(held, models, heldPath);
      continue;
    }
    for (const [key, member] of membersOf(held)) {
      const memberPath = joinPath(heldPath, String(key));
      if (isCollection(member)) yield { path: memberPath, message: 'must be an object' };
      yield* findValueIssues(member, models, memberPath);
    }
  }
}

function* findPropertyIssues(
  held: unknown,
  { metadatas }: DtoProperty,
  path: string,
): Generator<ValidationIssue> {
  for (const { type, constraints, each } of metadatas) {
    const values = each && isCollection(held) ? [...membersOf(held)].map(([, member]) => member) : [held];
    if (type === 'isInt' && values.some(isUnsafe)) {
      yield { path, message: 'must be an integer between -(2^53 - 1) and 2^53 - 1' };
    }
    if (type !== 'isEnum') continue;
    const allowed = enumValues(constraints?.[0]);
    if (!values.every((value) => allowed.includes(value))) {
      yield { path, message: `must be one of the following values: ${allowed.map(String).join(', ')}` };
    }
  }
}

function isUnsafe(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function isCollection(value: unknown): value is object {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

function membersOf(held: unknown): (readonly [unknown, unknown])[] {
  if (held instanceof Map) return [...held];
  if (held instanceof Set) return [...[...held].entries()];
  return Object.entries(held as object);
}
