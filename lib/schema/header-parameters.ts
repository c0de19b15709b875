import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { JsonSchema } from './schema.js';
import { subschemasOf } from './subschemas.js';

const ANNOTATION = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A tool parameter that clients repeat in an HTTP header. */
export interface HeaderParameter {
  /** Full header name in lower case, such as `mcp-param-region`. */
  readonly header: string;
  /** Property names from the root of the arguments to the value. */
  readonly path: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean';
}

/**
 * Collects the `x-mcp-header` annotations of a tool's input schema, in document order.
 *
 * An annotation that breaks a constraint of the specification makes the tool invalid and throws.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#schema-extension
 */
export function headerParameters(jsonSchema: JsonSchema, where: string): readonly HeaderParameter[] {
  const found = new Map<string, HeaderParameter>();
  if (ANNOTATION in jsonSchema) throw misplaced(where, 'the root of the schema');
  for (const parameter of collect(jsonSchema, [], where)) {
    if (found.has(parameter.header)) {
      throw new McpConfigurationError(
        `${where}: ${ANNOTATION} values must be unique ignoring case, but "${parameter.header}" is used twice.`,
      );
    }
    found.set(parameter.header, parameter);
  }
  return [...found.values()];
}

function* collect(schema: JsonSchema, path: readonly string[], where: string): Generator<HeaderParameter> {
  for (const { keyword, name, schema: child } of subschemasOf(schema)) {
    if (typeof child === 'boolean') continue;
    if (keyword !== 'properties') {
      assertNoAnnotation(child, `${[...path, keyword].join('.')}`, where);
      continue;
    }
    const childPath = [...path, name];
    if (ANNOTATION in child) yield toParameter(child, childPath, where);
    yield* collect(child, childPath, where);
  }
}

function toParameter(schema: JsonSchema, path: readonly string[], where: string): HeaderParameter {
  const { [ANNOTATION]: name, type } = schema;
  const property = path.join('.');
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new McpConfigurationError(
      `${where}: ${ANNOTATION} of "${property}" must be a non-empty HTTP token, not ${JSON.stringify(name)}.`,
    );
  }
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    throw new McpConfigurationError(
      `${where}: ${ANNOTATION} is only allowed on type string, integer or boolean, ` +
        `but "${property}" has type ${JSON.stringify(type) ?? 'unknown'}.`,
    );
  }
  return { header: `mcp-param-${name.toLowerCase()}`, path, type };
}

function assertNoAnnotation(schema: JsonSchema, location: string, where: string): void {
  if (ANNOTATION in schema) throw misplaced(where, `"${location}"`);
  for (const { keyword, schema: child } of subschemasOf(schema)) {
    if (typeof child !== 'boolean') assertNoAnnotation(child, `${location}.${keyword}`, where);
  }
}

function misplaced(where: string, location: string): McpConfigurationError {
  return new McpConfigurationError(
    `${where}: ${ANNOTATION} must sit on a property reachable from the root through "properties" alone, ` +
      `but one was found at ${location}.`,
  );
}
