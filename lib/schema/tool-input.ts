import { isObject } from '../protocol/json-rpc.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { resolveReference } from './schema-document.js';
import type { JsonSchema } from './schema.js';

const EVERY_BRANCH = ['anyOf', 'oneOf'];

/**
 * A schema as the input of a tool is published: of type "object" at its root, with `properties`, which some providers
 * demand. Unions and references whose every branch is an object get the type beside them.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#tool-inputschema
 */
export function toObjectSchema(schema: JsonSchema, where: string): JsonSchema {
  const fault = findFault(schema, schema, '', new Set());
  if (fault !== undefined) {
    throw new McpConfigurationError(
      `${where}: the root of a tool's input must be of type "object", but ${fault}. ` +
        'Wrap the value in an object.',
    );
  }
  return { ...schema, type: 'object', properties: schema['properties'] ?? {} };
}

/** Reason why a schema does not describe objects alone; `undefined` if it does. */
function findFault(
  schema: unknown,
  root: JsonSchema,
  path: string,
  met: ReadonlySet<unknown>,
): string | undefined {
  const branch = path === '' ? 'its schema' : `the branch "${path}"`;
  if (!isObject(schema) || met.has(schema)) return `${branch} has no type`;
  const { type, $ref, allOf } = schema;
  if (type === 'object' || (Array.isArray(type) && type.length === 1 && type[0] === 'object'))
    return undefined;
  if (type !== undefined) return `${branch} has type ${JSON.stringify(type)}`;
  const below = new Set(met).add(schema);
  if (typeof $ref === 'string') return findFault(resolveReference(root, $ref), root, at(path, '$ref'), below);
  for (const keyword of EVERY_BRANCH) {
    const branches = schema[keyword];
    if (!Array.isArray(branches) || branches.length === 0) continue;
    const faults = branches.map((each, index) =>
      findFault(each, root, at(path, `${keyword}/${index}`), below),
    );
    return faults.find((fault) => fault !== undefined);
  }
  if (!Array.isArray(allOf) || allOf.length === 0) return `${branch} has no type`;
  const faults = allOf.map((each, index) => findFault(each, root, at(path, `allOf/${index}`), below));
  return faults.includes(undefined) ? undefined : faults[0];
}

function at(path: string, step: string): string {
  return path === '' ? step : `${path}/${step}`;
}
