import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from './schema.js';

const HOLDS_SCHEMA = new Set([
  'items',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
]);

const HOLDS_LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);

const HOLDS_MAP = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);

/** A schema directly inside another one. `name` is the property name or the index, empty where there is none. */
export interface Subschema {
  readonly keyword: string;
  readonly name: string;
  readonly schema: JsonSchema | boolean;
}

/** The schemas directly inside a schema, in document order. Data (`const`, `default`, ...) is not looked into. */
export function* subschemasOf(schema: JsonSchema): Generator<Subschema> {
  for (const [keyword, value] of Object.entries(schema)) {
    for (const [name, candidate] of candidatesOf(keyword, value)) {
      if (isSchema(candidate)) yield { keyword, name, schema: candidate };
    }
  }
}

/** A schema and every schema inside it, however deep. */
export function* everySubschema(document: JsonSchema): Generator<JsonSchema> {
  const open = [document];
  for (let schema = open.pop(); schema; schema = open.pop()) {
    yield schema;
    for (const { schema: inner } of subschemasOf(schema)) if (typeof inner !== 'boolean') open.push(inner);
  }
}

function candidatesOf(keyword: string, value: unknown): Iterable<readonly [string, unknown]> {
  if (Array.isArray(value)) return HOLDS_LIST.has(keyword) ? Object.entries(value) : [];
  if (HOLDS_SCHEMA.has(keyword)) return [['', value]];
  return HOLDS_MAP.has(keyword) && isObject(value) ? Object.entries(value) : [];
}

function isSchema(value: unknown): value is JsonSchema | boolean {
  return typeof value === 'boolean' || isObject(value);
}
