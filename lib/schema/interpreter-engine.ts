import { dereference, Validator, type OutputUnit } from '@cfworker/json-schema';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { ambiguousPatterns } from './ambiguous-pattern.js';
import { patternsOf } from './explosive-schema.js';
import { findKeywordFault } from './keyword-faults.js';
import type { JsonSchema, ValidationIssue } from './schema.js';
import type { SchemaEngine } from './schema-engine.interface.js';
import { everySubschema } from './subschemas.js';
import { joinPath } from './validation.js';

/** Of larger values only the first error is told. */
const MAX_NODES_FOR_ALL_ERRORS = 10_000;

const DRAFT = { 'draft-2020-12': '2020-12', 'draft-07': '7' } as const;

/** Keywords whose errors say only that there are others, inside. */
const COMPOSITE = new Set([
  ...['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'dependentSchemas'],
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'allOf', '$ref', 'if', 'then', 'else'],
]);

/**
 * Checks by walking along the document, some fifty times slower than generated code, for hosts that refuse to generate
 * any. Nothing can end what takes long there, so that patterns which may are refused.
 *
 * Values are valid or not as with Ajv, save for these differences: texts and order of issues are those of the interpreter,
 * but for missing, surplus and wrongly typed members; of `format` it knows what it knows; `$dynamicRef` is not followed; a
 * document is held to the types of its keywords, not to the meta-schema of its dialect.
 */
export const engine: SchemaEngine = {
  compile(document, dialect, { validateFormats = true }) {
    // Dereferencing writes to the document.
    const copy = structuredClone(document);
    for (const schema of everySubschema(copy)) {
      for (const pattern of patternsOf(schema)) new RegExp(pattern, 'u');
      if (!validateFormats) delete (schema as { format?: unknown }).format;
    }
    assertResolved(copy);
    const first = new Validator(copy, DRAFT[dialect]);
    const every = new Validator(copy, DRAFT[dialect], false);
    return (value) => {
      const { isPlain, isSmall } = inspect(value);
      const json: unknown = isPlain ? value : JSON.parse(JSON.stringify(value) ?? 'null');
      const { valid, errors } = first.validate(json);
      if (valid) return [];
      return issuesOf(isSmall ? every.validate(json).errors : errors);
    };
  },

  findFault: findKeywordFault,

  withTimeLimit(schema, where) {
    const [pattern] = ambiguousPatterns(schema.jsonSchema);
    if (pattern === undefined) return schema;
    throw new McpConfigurationError(
      `${where}: the pattern ${pattern} can take very long for hostile text, which nothing could end here. Write it ` +
        'without a repetition in a repetition, or bound the length of the text before it is matched.',
    );
  },
};

function assertResolved(document: JsonSchema): void {
  const known = dereference(document);
  for (const schema of everySubschema(document)) {
    const { $ref, __absolute_ref__: target = $ref } = schema as { $ref?: string; __absolute_ref__?: string };
    if ($ref === undefined || known[target ?? $ref] !== undefined) continue;
    throw Object.assign(new Error(`The reference ${$ref} leads nowhere`), { missingRef: $ref });
  }
}

/** Checks whether a value is as it will be on the wire, without `undefined` and infinite numbers, and has few parts. */
function inspect(value: unknown): { isPlain: boolean; isSmall: boolean } {
  const open = [value];
  let isPlain = true;
  let count = 1;
  while (open.length > 0) {
    const next = open.pop();
    if (next === undefined || (typeof next === 'number' && !Number.isFinite(next))) isPlain = false;
    if (typeof next !== 'object' || next === null) continue;
    for (const member of Object.values(next) as unknown[]) open.push(member);
    count += Object.keys(next).length;
  }
  return { isPlain, isSmall: count <= MAX_NODES_FOR_ALL_ERRORS };
}

function issuesOf(errors: readonly OutputUnit[]): ValidationIssue[] {
  const simple = errors.filter(({ keyword }) => !COMPOSITE.has(keyword));
  const refused = errors.filter((error) => error.keyword.endsWith('Properties') && isFalse(error, simple));
  return [...simple.filter(({ keyword }) => keyword !== 'false'), ...refused].map(toIssue);
}

/** Checks whether a member is refused whatever its value is. */
function isFalse({ instanceLocation, error }: OutputUnit, simple: readonly OutputUnit[]): boolean {
  const name = nameIn(error);
  const location = `${instanceLocation}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return simple.some((other) => other.keyword === 'false' && other.instanceLocation === location);
}

function toIssue({ keyword, instanceLocation, error }: OutputUnit): ValidationIssue {
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
  if (keyword === 'required') return { path: joinPath(path, nameIn(error)), message: 'is required' };
  if (keyword.endsWith('Properties') && COMPOSITE.has(keyword))
    return { path: joinPath(path, nameIn(error)), message: 'is not allowed' };
  const types = keyword === 'type' ? /Expected "(.*)"\.$/s.exec(error)?.[1] : undefined;
  return { path, message: types === undefined ? error : `must be ${types.replaceAll('", "', ',')}` };
}

/** The name of a member, which the text of an error has in quotes. */
function nameIn(error: string): string {
  return /"(.*)"/s.exec(error)?.[1] ?? '';
}
