import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from './schema.js';
import { everySubschema } from './subschemas.js';

/** A schema wherever one may stand. */
export type SchemaNode = JsonSchema | boolean;

/** Value that a schema is tested for: null, an integer, or an integer beyond those that a double holds exactly. */
export type Probe = 'null' | 'integer' | 'unsafe integer';

/** Finds what a `$ref` points to; `undefined` for what is not in the document. */
export type Resolve = (ref: unknown) => SchemaNode | undefined;

const TYPES: Readonly<Record<Probe, readonly string[]>> = {
  null: ['null'],
  integer: ['integer', 'number'],
  'unsafe integer': ['number'],
};

/** Keywords by which null alone can be told from all other values. */
const SIMPLE = new Set(['type', 'const', 'enum']);

/** Checks whether a schema may admit such a value. `true` where its types and choices alone do not decide. */
export function admits(
  schema: SchemaNode,
  probe: Probe,
  resolve: Resolve,
  seen: ReadonlySet<unknown> = new Set(),
): boolean {
  if (typeof schema === 'boolean') return schema;
  if (seen.has(schema)) return true;
  const open = new Set([...seen, schema]);
  const inner = (each: SchemaNode) => admits(each, probe, resolve, open);
  const { $ref, allOf, anyOf, oneOf, not } = schema;
  if (!admitsType(schema, probe)) return false;
  if (probe === 'null' && !admitsNull(schema)) return false;
  const target = resolve($ref);
  if (target !== undefined && !inner(target)) return false;
  if (!schemasOf(allOf).every(inner)) return false;
  if (Array.isArray(anyOf) && !schemasOf(anyOf).some(inner)) return false;
  if (Array.isArray(oneOf) && !schemasOf(oneOf).some(inner)) return false;
  const isSimple = isObject(not) && Object.keys(not).every((keyword) => SIMPLE.has(keyword));
  return !(probe === 'null' && isSimple && inner(not));
}

function admitsType({ type, nullable }: JsonSchema, probe: Probe): boolean {
  if (type === undefined || (probe === 'null' && nullable === true)) return true;
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return TYPES[probe].some((each) => types.includes(each));
}

function admitsNull(schema: JsonSchema): boolean {
  if ('const' in schema) return schema['const'] === null;
  return !Array.isArray(schema['enum']) || schema['enum'].includes(null);
}

/** The schemas of a list such as `allOf`. */
export function schemasOf(list: unknown): SchemaNode[] {
  return Array.isArray(list) ? list.filter(isSchemaNode) : [];
}

/** Checks whether a value can be a schema. */
export function isSchemaNode(value: unknown): value is SchemaNode {
  return typeof value === 'boolean' || isObject(value);
}

/** Makes the function that follows the references of a document: pointers, anchors and the ids of its parts. */
export function createResolver(document: JsonSchema): Resolve {
  const byName = new Map<unknown, JsonSchema>([['#', document]]);
  for (const schema of everySubschema(document)) {
    const { $id, $anchor } = schema;
    if (typeof $id === 'string') byName.set($id, schema);
    if (typeof $anchor === 'string') byName.set(`#${$anchor}`, schema);
  }
  return (ref) => byName.get(ref) ?? (typeof ref === 'string' ? followPointer(document, ref) : undefined);
}

function followPointer(document: JsonSchema, ref: string): SchemaNode | undefined {
  if (!ref.startsWith('#/')) return undefined;
  let node: unknown = document;
  for (const token of ref.slice(2).split('/')) {
    const key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Readonly<Record<string, unknown>>)[key];
  }
  return isSchemaNode(node) ? node : undefined;
}
