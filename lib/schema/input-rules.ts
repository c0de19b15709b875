import { isObject } from '../protocol/json-rpc.js';
import { admits, createResolver, isSchemaNode, schemasOf, type Probe, type SchemaNode } from './admits.js';
import { isExplosivePattern } from './explosive-schema.js';
import type { JsonSchema, Schema, ValidationIssue } from './schema.js';
import { joinPath, refuse, refuseTooDeep } from './validation.js';

/** Names longer than this are matched by no `patternProperties` here: a pattern may take long on them. */
const MAX_MATCHED_NAME = 200;

/** The schemas that hold for a value: for certain, or by the choice of a union. */
interface Applying {
  readonly certain: readonly SchemaNode[];
  readonly possible: readonly SchemaNode[];
}

/** The same without references and combinations. */
interface Parts {
  readonly certain: ReadonlySet<JsonSchema>;
  readonly possible: ReadonlySet<JsonSchema>;
}

/**
 * A schema that goes by what it publishes before it validates: null at an optional property that cannot be null means
 * "not given" and is removed, an integer that JSON.parse has rounded is refused.
 */
export function withInputRules(schema: Schema): Schema {
  const rules = new InputRules(schema.jsonSchema);
  return {
    jsonSchema: schema.jsonSchema,
    validate(value) {
      if (!isConcerned(value)) return schema.validate(value);
      const issues: ValidationIssue[] = [];
      let prepared: unknown;
      try {
        prepared = rules.apply(value, { certain: [schema.jsonSchema], possible: [] }, '', issues);
      } catch (error) {
        return refuseTooDeep(error);
      }
      return issues.length > 0 ? refuse(issues) : schema.validate(prepared);
    },
  };
}

/** Checks whether a value contains a null or an unsafe number. */
function isConcerned(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next === null || isUnsafe(next)) return true;
    if (typeof next === 'object') for (const member of Object.values(next)) open.push(member);
  }
  return false;
}

function isUnsafe(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

class InputRules {
  readonly #resolve: ReturnType<typeof createResolver>;
  readonly #admitted: Readonly<Record<Probe, WeakMap<JsonSchema, boolean>>> = {
    null: new WeakMap(),
    integer: new WeakMap(),
    'unsafe integer': new WeakMap(),
  };

  constructor(document: JsonSchema) {
    this.#resolve = createResolver(document);
  }

  /** Returns the value itself where nothing is to be removed. */
  apply(value: unknown, applying: Applying, path: string, issues: ValidationIssue[]): unknown {
    if (applying.certain.length + applying.possible.length === 0) return value;
    if (isUnsafe(value) && this.#refuses(applying, 'unsafe integer') && !this.#refuses(applying, 'integer')) {
      issues.push({ path, message: 'must be an integer between -(2^53 - 1) and 2^53 - 1' });
    }
    if (typeof value !== 'object' || value === null) return value;
    const parts = this.#partsOf(value, applying);
    return Array.isArray(value)
      ? this.#applyToItems(value, parts, path, issues)
      : this.#applyToProperties(value, parts, path, issues);
  }

  #applyToItems(items: readonly unknown[], parts: Parts, path: string, issues: ValidationIssue[]): unknown {
    const applied = items.map((item, index) => {
      const applying = collect(parts, (part) => itemSchemas(part, index));
      return this.apply(item, applying, joinPath(path, String(index)), issues);
    });
    return applied.every((item, index) => item === items[index]) ? items : applied;
  }

  #applyToProperties(value: object, parts: Parts, path: string, issues: ValidationIssue[]): unknown {
    const entries = Object.entries(value);
    const applied: [string, unknown][] = [];
    let isChanged = false;
    for (const [name, member] of entries) {
      const applying = collect(parts, (part) => propertySchemas(part, name));
      if (member === null && isOptional(parts, applying, name) && this.#refuses(applying, 'null')) {
        isChanged = true;
        continue;
      }
      const changed = this.apply(member, applying, joinPath(path, name), issues);
      isChanged ||= changed !== member;
      applied.push([name, changed]);
    }
    return isChanged ? Object.fromEntries(applied) : value;
  }

  #refuses({ certain, possible }: Applying, probe: Probe): boolean {
    if (certain.some((schema) => !this.#admits(schema, probe))) return true;
    return possible.length > 0 && possible.every((schema) => !this.#admits(schema, probe));
  }

  #admits(schema: SchemaNode, probe: Probe): boolean {
    if (typeof schema === 'boolean') return schema;
    const known = this.#admitted[probe].get(schema);
    if (known !== undefined) return known;
    const admitted = admits(schema, probe, this.#resolve);
    this.#admitted[probe].set(schema, admitted);
    return admitted;
  }

  #partsOf(value: object, { certain, possible }: Applying): Parts {
    const parts = { certain: new Set<JsonSchema>(), possible: new Set<JsonSchema>() };
    const add = (schema: SchemaNode | undefined, kind: keyof Parts): void => {
      if (!isObject(schema) || parts.certain.has(schema) || parts[kind].has(schema)) return;
      parts[kind].add(schema);
      const { $ref, allOf, anyOf, oneOf, then, else: otherwise } = schema;
      add(this.#resolve($ref), kind);
      for (const each of schemasOf(allOf)) add(each, kind);
      for (const union of [anyOf, oneOf]) {
        const fitting = schemasOf(union).filter((branch) => !this.#contradicts(branch, value));
        for (const branch of fitting) add(branch, fitting.length === 1 ? kind : 'possible');
      }
      for (const each of schemasOf([then, otherwise])) add(each, 'possible');
    };
    for (const schema of certain) add(schema, 'certain');
    for (const schema of possible) add(schema, 'possible');
    return parts;
  }

  /** Checks whether a value cannot match a branch, by its type or by a property that names the branch. */
  #contradicts(
    schema: SchemaNode | undefined,
    value: object,
    seen: ReadonlySet<unknown> = new Set(),
  ): boolean {
    if (!isObject(schema)) return schema === false;
    if (seen.has(schema)) return false;
    const open = new Set([...seen, schema]);
    const { type, properties, $ref, allOf, anyOf, oneOf } = schema;
    const types: readonly unknown[] = Array.isArray(type) ? type : [type];
    if (type !== undefined && !types.includes(Array.isArray(value) ? 'array' : 'object')) return true;
    if (isObject(properties) && Object.entries(properties).some((entry) => isOther(entry, value)))
      return true;
    const contradicts = (each: SchemaNode | undefined) => this.#contradicts(each, value, open);
    return (
      contradicts(this.#resolve($ref)) ||
      schemasOf(allOf).some(contradicts) ||
      [anyOf, oneOf].some((union) => Array.isArray(union) && schemasOf(union).every(contradicts))
    );
  }
}

/** Checks whether a property of a value is none of the constants that its schema allows. */
function isOther([name, schema]: [string, unknown], value: object): boolean {
  if (!isObject(schema) || !Object.hasOwn(value, name)) return false;
  const held: unknown = (value as Readonly<Record<string, unknown>>)[name];
  if (typeof held === 'object') return false;
  if ('const' in schema) return schema['const'] !== held;
  return Array.isArray(schema['enum']) && !schema['enum'].includes(held);
}

function collect(parts: Parts, schemasIn: (part: JsonSchema) => SchemaNode[]): Applying {
  return { certain: [...parts.certain].flatMap(schemasIn), possible: [...parts.possible].flatMap(schemasIn) };
}

function isOptional(parts: Parts, { certain }: Applying, name: string): boolean {
  const requires = ({ required }: JsonSchema) => Array.isArray(required) && required.includes(name);
  if ([...parts.certain].some(requires)) return false;
  if (certain.length > 0) return true;
  const declaring = [...parts.possible].filter((part) => propertySchemas(part, name).length > 0);
  return !declaring.every(requires);
}

function propertySchemas(part: JsonSchema, name: string): SchemaNode[] {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = part;
  const found: unknown[] = [];
  if (isObject(properties) && Object.hasOwn(properties, name)) found.push(properties[name]);
  if (isObject(patternProperties)) {
    for (const [pattern, schema] of Object.entries(patternProperties)) {
      if (matches(pattern, name)) found.push(schema);
    }
  }
  // A name that no schema declares is surplus, whatever its value.
  if (found.length === 0) found.push(...[additionalProperties, unevaluatedProperties].filter(isObject));
  return schemasOf(found);
}

function matches(pattern: string, name: string): boolean {
  return (
    name.length <= MAX_MATCHED_NAME && !isExplosivePattern(pattern) && new RegExp(pattern, 'u').test(name)
  );
}

function itemSchemas({ prefixItems, items, additionalItems }: JsonSchema, index: number): SchemaNode[] {
  const listed = [prefixItems, items].find((each) => Array.isArray(each)) ?? [];
  const rest: unknown = Array.isArray(items) ? additionalItems : items;
  const schema: unknown = index < listed.length ? listed[index] : rest;
  return isSchemaNode(schema) ? [schema] : [];
}
