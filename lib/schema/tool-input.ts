import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { JsonSchema } from './schema.js';

/**
 * Checks that a schema describes an object at its root, as the input of a tool must.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/schema#tool-inputschema
 */
export function assertObjectSchema(schema: JsonSchema, where: string): void {
  if (schema['type'] === 'object') return;
  const found = schema['type'] === undefined ? 'no type' : `type ${JSON.stringify(schema['type'])}`;
  throw new McpConfigurationError(
    `${where}: the root of a tool's input must be of type "object", but its schema has ${found}. ` +
      'Wrap the value in an object.',
  );
}
