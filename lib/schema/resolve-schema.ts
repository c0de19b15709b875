import { engine } from '#schema-engine';
import { isObject } from '../protocol/json-rpc.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { ambiguousPatterns, isAmbiguous } from './ambiguous-pattern.js';
import { fromDtoClass } from './class-validator.js';
import type { DtoClass } from './dto-libraries.js';
import { isLinear } from './explosive-schema.js';
import { withInputRules } from './input-rules.js';
import { fromJsonSchema } from './json-schema.js';
import type { JsonSchema, Schema } from './schema.js';
import type { ResolveSchemaOptions, SchemaSource } from './schema-source.js';
import type { StandardSchema } from './standard-schema.interface.js';
import { fromStandardSchema } from './standard-schema.js';

/**
 * Turns what a user gave into the one shape the rest of the library works with.
 *
 * The only place that asks which kind was given. Keeps nothing between calls.
 *
 * @throws McpConfigurationError if the schema cannot be described or compiled.
 */
export async function resolveSchema(source: SchemaSource, options: ResolveSchemaOptions): Promise<Schema> {
  const schema = await convert(source, options);
  if (options.direction === 'input' && !isJsonSchema(source)) warnOfPatterns(schema, options);
  // Clients may send input that takes long to check; output comes from the application's own handlers.
  return options.direction === 'input' ? withInputRules(schema) : schema;
}

/** Checks whether a schema is given as plain JSON Schema. */
export function isJsonSchema(source: unknown): source is JsonSchema {
  return !isStandardSchema(source) && isPlainObject(source);
}

async function convert(source: SchemaSource, options: ResolveSchemaOptions): Promise<Schema> {
  if (isStandardSchema(source)) return fromStandardSchema(source, options);
  if (isClass(source)) return fromDtoClass(source, options);
  if (isJsonSchema(source)) return fromRawSchema(source, options);
  throw new McpConfigurationError(
    `${options.where}: expected a class, a Standard Schema or a plain JSON Schema object, ` +
      `but got ${describe(source)}.`,
  );
}

/** The limit costs many times what checking a long text does. */
function fromRawSchema(source: JsonSchema, { direction, where }: ResolveSchemaOptions): Schema {
  const schema = fromJsonSchema(source, where);
  return direction === 'input' && !isLinear(source) ? engine.withTimeLimit(schema, where) : schema;
}

/** Warns of slow patterns: such a schema is checked by code of the user, which no time limit may end. */
function warnOfPatterns({ jsonSchema, patterns = [] }: Schema, { where, warn }: ResolveSchemaOptions): void {
  const found = new Set([...ambiguousPatterns(jsonSchema), ...patterns.filter(isAmbiguous)]);
  for (const pattern of found) {
    warn?.(
      `${where}: the pattern ${pattern} can take very long for hostile text, and stops the process meanwhile. ` +
        'Write it without a repetition in a repetition, or bound the length of the text before it is matched.',
    );
  }
}

// Asked of functions too: an ArkType type is one.
function isStandardSchema(source: unknown): source is StandardSchema {
  return (typeof source === 'function' || isObject(source)) && '~standard' in source;
}

function isClass(source: unknown): source is DtoClass {
  return typeof source === 'function' && isObject(source.prototype);
}

/** A class instance is more likely a schema of a library we do not know than a JSON Schema. */
function isPlainObject(source: unknown): source is JsonSchema {
  if (!isObject(source)) return false;
  const prototype: unknown = Object.getPrototypeOf(source);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(source: unknown): string {
  if (typeof source === 'function') return 'a function that is not a class';
  if (isObject(source)) return `an instance of ${source.constructor.name}`;
  if (source === null) return 'null';
  return Array.isArray(source) ? 'an array' : `a value of type ${typeof source}`;
}
