import { dereference, Validator, type OutputUnit, type Schema as Document } from '@cfworker/json-schema';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { ambiguousPatterns } from './ambiguous-pattern.js';
import { patternsOf } from './explosive-schema.js';
import { findKeywordFault } from './keyword-faults.js';
import type { JsonSchema, ValidationIssue } from './schema.js';
import type { SchemaEngine } from './schema-engine.interface.js';
import { everySubschema } from './subschemas.js';
import { joinPath } from './validation.js';

const DRAFT = { 'draft-2020-12': '2020-12', 'draft-07': '7' } as const;

/** Keywords whose errors say only that there are others, inside. */
const COMPOSITE = new Set([
  ...['properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties', 'dependentSchemas'],
  ...['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'allOf', '$ref', 'if', 'then', 'else'],
]);

/**
 * Checks by walking along the document, some fifty times slower than generated code, for hosts that refuse to generate
 * any. Nothing can end what takes long there, so that patterns which may are refused.
 */
export const engine: SchemaEngine = {
  compile(document, dialect, { validateFormats = true }) {
    // What is dereferenced is written to.
    const copy = structuredClone(document) as JsonSchema;
    for (const schema of everySubschema(copy)) {
      for (const pattern of patternsOf(schema)) new RegExp(pattern, 'u');
      if (!validateFormats) delete (schema as { format?: unknown }).format;
    }
    assertResolved(copy);
    const validator = new Validator(copy as Document, DRAFT[dialect], false);
    return (value) => {
      const { valid, errors } = validator.validate(toJson(value));
      return valid ? [] : issuesOf(errors);
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
  const known = dereference(document as Document);
  for (const { $ref, __absolute_ref__: target } of everySubschema(document)) {
    if ($ref === undefined || known[String(target ?? $ref)] !== undefined) continue;
    throw Object.assign(new Error(`The reference ${String($ref)} leads nowhere`), { missingRef: $ref });
  }
}

/** As the value is on the wire: what is `undefined` is not there, and there are no infinite numbers. */
function toJson(value: unknown): unknown {
  return isJson(value) ? value : JSON.parse(JSON.stringify(value) ?? 'null');
}

function isJson(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next === undefined || (typeof next === 'number' && !Number.isFinite(next))) return false;
    if (typeof next === 'object' && next !== null) open.push(...(Object.values(next) as unknown[]));
  }
  return true;
}

function issuesOf(errors: readonly OutputUnit[]): ValidationIssue[] {
  const simple = errors.filter(({ keyword }) => !COMPOSITE.has(keyword));
  const refused = errors.filter((error) => error.keyword.endsWith('Properties') && isFalse(error, simple));
  return [...simple.filter(({ keyword }) => keyword !== 'false'), ...refused].map(toIssue);
}

/** Whether a member is refused whatever its value is. */
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
