import { isObject } from '../protocol/json-rpc.js';
import type { DtoClass } from './dto-libraries.js';
import type { DtoModels } from './dto-model.js';
import type { NestedDto } from './dto-nested.js';
import type { ValidationIssue } from './schema.js';
import { joinPath } from './validation.js';

/** Data for checking the shape of a value. */
export interface ShapeRules {
  readonly models: DtoModels;
  readonly closed: ReadonlySet<DtoClass>;
}

/**
 * Finds where a value departs from the published shape in ways class-validator lets pass: a missing nested object,
 * one object in place of a list or a list in place of one, an unknown property of a class that allows none.
 */
export function* findShapeIssues(
  value: unknown,
  dto: DtoClass,
  rules: ShapeRules,
  path = '',
  discriminator?: string,
): Generator<ValidationIssue> {
  const model = rules.models.get(dto);
  if (!model || !isObject(value)) return;
  if (rules.closed.has(dto)) yield* findSurplus(value, wireNames(rules, dto).add(discriminator), path);
  for (const { wireName, nested, required } of model.properties.values()) {
    if (!nested?.checked) continue;
    const held = Object.hasOwn(value, wireName) ? value[wireName] : undefined;
    const heldPath = joinPath(path, wireName);
    if (held === undefined && required) yield { path: heldPath, message: 'is required' };
    if (typeof held === 'object' && held !== null) yield* findNestedIssues(held, nested, rules, heldPath);
  }
}

function* findNestedIssues(
  held: object,
  nested: NestedDto,
  rules: ShapeRules,
  path: string,
): Generator<ValidationIssue> {
  const isList = Array.isArray(held) || held instanceof Set;
  if (isList !== (nested.container === 'list')) {
    yield { path, message: isList ? 'must be an object' : 'must be an array' };
    return;
  }
  if (nested.container === 'one') {
    yield* findShapeIssues(held, chooseClass(held, nested), rules, path, nested.discriminator?.property);
    return;
  }
  for (const [key, member] of membersOf(held)) {
    const memberPath = joinPath(path, String(key));
    yield* findShapeIssues(
      member,
      chooseClass(member, nested),
      rules,
      memberPath,
      nested.discriminator?.property,
    );
  }
}

function membersOf(held: object): Iterable<readonly [unknown, unknown]> {
  if (held instanceof Map) return held;
  return held instanceof Set ? [...held].entries() : Object.entries(held);
}

function chooseClass(value: unknown, { classes, discriminator }: NestedDto): DtoClass {
  const name = discriminator && isObject(value) ? value[discriminator.property] : undefined;
  const chosen = typeof name === 'string' ? discriminator?.names.get(name) : undefined;
  return chosen ?? (classes[0] as DtoClass);
}

function* findSurplus(
  value: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string | undefined>,
  path: string,
): Generator<ValidationIssue> {
  for (const name of Object.keys(value)) {
    if (!known.has(name)) yield { path: joinPath(path, name), message: 'is not allowed' };
  }
}

function wireNames({ models }: ShapeRules, dto: DtoClass): Set<string | undefined> {
  const properties = models.get(dto)?.properties.values() ?? [];
  return new Set([...properties].map(({ wireName }) => wireName));
}
