import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { JsonSchema } from './schema.js';
import { subschemasOf } from './subschemas.js';

const MAX_DEPTH = 64;
const MAX_SUBSCHEMAS = 10_000;

/** The JSON Schema dialects this library can validate. */
export type Dialect = 'draft-2020-12' | 'draft-07';

const DIALECTS: ReadonlyMap<unknown, Dialect> = new Map<unknown, Dialect>([
  [undefined, 'draft-2020-12'],
  ['https://json-schema.org/draft/2020-12/schema', 'draft-2020-12'],
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft-07/schema', 'draft-07'],
]);

/**
 * Checks that a document is plain JSON within the bounds (64 levels, 10 000 subschemas) and of one supported
 * dialect, which it returns.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#implementation-requirements
 */
export function inspectDocument(document: JsonSchema, where: string): Dialect {
  const dialect = toDialect(document['$schema'], where);
  for (const schema of everySubschema(document, where)) {
    if (schema['$schema'] !== undefined && toDialect(schema['$schema'], where) !== dialect) {
      throw new McpConfigurationError(
        `${where}: a JSON Schema cannot mix dialects; declare $schema once, at the root.`,
      );
    }
  }
  assertSerialisable(document, where);
  return dialect;
}

/** Checks that every reference of a document points into the document itself. */
export function assertSelfContained(document: JsonSchema, where: string): void {
  const all = [...everySubschema(document, where)];
  const anchors = new Set(
    all.flatMap((schema) => [schema['$anchor'], schema['$dynamicAnchor'], schema['$id']]),
  );
  for (const ref of all.flatMap((schema) => [schema['$ref'], schema['$dynamicRef']])) {
    if (typeof ref !== 'string' || ref === '#' || anchors.has(ref) || anchors.has(ref.replace(/^#/, '')))
      continue;
    if (!ref.startsWith('#/') || resolvePointer(document, ref) === undefined)
      throw unresolvedReference(ref, where);
  }
}

/** The error for a `$ref` that leads out of its document. */
export function unresolvedReference(ref: string, where: string, cause?: unknown): McpConfigurationError {
  return new McpConfigurationError(
    `${where}: the JSON Schema reference "${ref}" does not resolve inside its own document. ` +
      'References are never fetched; move the definition into $defs.',
    { cause },
  );
}

function toDialect(declared: unknown, where: string): Dialect {
  const uri = typeof declared === 'string' ? declared.replace(/#$/, '') : declared;
  const dialect = DIALECTS.get(uri);
  if (dialect) return dialect;
  throw new McpConfigurationError(
    `${where}: the JSON Schema dialect ${JSON.stringify(declared)} is not supported; use 2020-12 or draft-07.`,
  );
}

function* everySubschema(document: JsonSchema, where: string): Generator<JsonSchema> {
  const open: { readonly schema: JsonSchema; readonly depth: number }[] = [{ schema: document, depth: 1 }];
  let count = 1;
  for (let next = open.pop(); next; next = open.pop()) {
    yield next.schema;
    if (next.depth > MAX_DEPTH) {
      throw new McpConfigurationError(`${where}: the JSON Schema is nested deeper than ${MAX_DEPTH} levels.`);
    }
    for (const { schema } of subschemasOf(next.schema)) {
      count += 1;
      if (count > MAX_SUBSCHEMAS) {
        throw new McpConfigurationError(
          `${where}: the JSON Schema holds more than ${MAX_SUBSCHEMAS} subschemas.`,
        );
      }
      if (typeof schema !== 'boolean') open.push({ schema, depth: next.depth + 1 });
    }
  }
}

function assertSerialisable(document: JsonSchema, where: string): void {
  try {
    JSON.stringify(document);
  } catch (cause) {
    throw new McpConfigurationError(`${where}: the JSON Schema cannot be written as JSON.`, { cause });
  }
}

/** Target of a reference inside its own document; `undefined` if there is none. */
export function resolveReference(document: JsonSchema, ref: string): unknown {
  if (ref === '#') return document;
  if (ref.startsWith('#/')) return resolvePointer(document, ref);
  const anchor = ref.replace(/^#/, '');
  return [...everySubschema(document, ref)].find(
    (schema) => schema['$anchor'] === anchor || schema['$id'] === ref,
  );
}

function resolvePointer(document: JsonSchema, ref: string): unknown {
  let node: unknown = document;
  for (const token of ref.slice(2).split('/')) {
    if (typeof node !== 'object' || node === null) return undefined;
    const key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    node = Object.hasOwn(node, key) ? (node as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return node;
}
