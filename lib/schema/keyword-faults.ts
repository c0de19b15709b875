import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from './schema.js';
import { subschemasOf } from './subschemas.js';

const TYPES = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

interface Rule {
  readonly keywords: readonly string[];
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
}

const isSchema = (value: unknown) => typeof value === 'boolean' || isObject(value);
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isNames = (value: unknown) =>
  Array.isArray(value) &&
  value.every((name) => typeof name === 'string') &&
  new Set(value).size === value.length;
const isSchemas = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isSchema);

const RULES: readonly Rule[] = [
  {
    keywords: ['type'],
    must: 'be a type or a list of types',
    holds: (value) =>
      (Array.isArray(value) ? value.length > 0 && isNames(value) : true) &&
      [value].flat().every((type) => TYPES.has(type as string)),
  },
  {
    keywords: ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
    must: 'be an object of schemas',
    holds: (value) => isObject(value) && Object.values(value).every(isSchema),
  },
  {
    keywords: [
      ...['additionalProperties', 'unevaluatedProperties', 'propertyNames', 'contains', 'additionalItems'],
      ...['unevaluatedItems', 'not', 'if', 'then', 'else'],
    ],
    must: 'be a schema',
    holds: isSchema,
  },
  {
    keywords: ['allOf', 'anyOf', 'oneOf', 'prefixItems'],
    must: 'be a list of schemas, not an empty one',
    holds: isSchemas,
  },
  { keywords: ['required'], must: 'be a list of distinct names', holds: isNames },
  { keywords: ['enum'], must: 'be a list', holds: Array.isArray },
  {
    keywords: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
    must: 'be a number',
    holds: (value) => typeof value === 'number',
  },
  {
    keywords: ['multipleOf'],
    must: 'be a number above 0',
    holds: (value) => typeof value === 'number' && value > 0,
  },
  {
    keywords: [
      ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
      ...['minContains', 'maxContains'],
    ],
    must: 'be an integer from 0 on',
    holds: isCount,
  },
  { keywords: ['uniqueItems'], must: 'be a boolean', holds: (value) => typeof value === 'boolean' },
  {
    keywords: ['pattern', 'format', '$ref', '$id', '$anchor', '$comment', 'title', 'description'],
    must: 'be a text',
    holds: (value) => typeof value === 'string',
  },
];

/** Rules of `items` by dialect: only draft-07 allows a list. */
const ITEMS = {
  'draft-2020-12': { must: 'be a schema', holds: isSchema },
  'draft-07': {
    must: 'be a schema or a list of schemas',
    holds: (value: unknown) => isSchema(value) || isSchemas(value),
  },
};

/** Finds a keyword of a document with a value that it cannot have. Goes by the keywords alone, without a meta-schema. */
export function findKeywordFault(document: JsonSchema, dialect: keyof typeof ITEMS): string | undefined {
  const rules = [...RULES, { keywords: ['items'], ...ITEMS[dialect] }];
  const open: { schema: JsonSchema; where: string }[] = [{ schema: document, where: 'schema' }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { schema, where } = next;
    for (const { keywords, must, holds } of rules) {
      const wrong = keywords.find((keyword) => Object.hasOwn(schema, keyword) && !holds(schema[keyword]));
      if (wrong !== undefined) return `${where}/${wrong} must ${must}`;
    }
    for (const { keyword, name, schema: inner } of subschemasOf(schema)) {
      const path = [where, keyword, ...(name === '' ? [] : [name])].join('/');
      if (typeof inner !== 'boolean') open.push({ schema: inner, where: path });
    }
  }
  return undefined;
}
