import { isObject } from '../protocol/json-rpc.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import type { ResolveSchemaOptions } from './schema-source.js';
import { assertSelfContained, inspectDocument } from './schema-document.js';
import type { JsonSchema, Schema, Validation, ValidationIssue } from './schema.js';
import type {
  StandardIssue,
  StandardJsonSchema,
  StandardResult,
  StandardSchema,
} from './standard-schema.interface.js';
import { toLatestDialect } from './dialect.js';
import { accept, refuse, refuseTooDeep } from './validation.js';

/**
 * A schema from any library that implements Standard Schema.
 *
 * Values come out converted as the library converts them, in both directions. An exception thrown by the
 * user's own transform or refinement is passed on.
 */
export function fromStandardSchema(source: StandardSchema, options: ResolveSchemaOptions): Schema {
  const jsonSchema = describe(source, options);
  inspectDocument(jsonSchema, options.where);
  assertSelfContained(jsonSchema, options.where);
  return {
    jsonSchema,
    validate(value) {
      try {
        const result = source['~standard'].validate(value);
        if (!('then' in result)) return toValidation(result);
        return Promise.resolve(result).then(toValidation).catch(refuseTooDeep);
      } catch (error) {
        return refuseTooDeep(error);
      }
    },
  };
}

function describe(source: StandardSchema, options: ResolveSchemaOptions): JsonSchema {
  const { vendor, jsonSchema: native } = source['~standard'];
  const { direction, schemaToJson, where } = options;
  if (!native && !schemaToJson) {
    throw new McpConfigurationError(
      `${where}: a "${vendor}" schema brings no JSON Schema of its own. ` +
        'Set the option schemaToJson to a function that converts it; zod brings it from version 4.2 on.',
    );
  }
  try {
    const described = native ? describeNatively(native, source, options) : schemaToJson?.(source, direction);
    if (isObject(described)) return toLatestDialect(described);
  } catch (cause) {
    const reason = isObject(cause) ? String(cause['message']) : String(cause);
    throw new McpConfigurationError(
      `${where}: the ${direction} of this "${vendor}" schema has no JSON Schema: ${reason}. ` +
        'Use a schema that JSON can represent, or set the option schemaToJson.',
      { cause },
    );
  }
  throw new McpConfigurationError(
    `${where}: schemaToJson did not return a JSON Schema object for this "${vendor}" schema.`,
  );
}

/** The application's converter also covers what the library itself refuses to describe, such as `z.date()`. */
function describeNatively(
  native: StandardJsonSchema,
  source: StandardSchema,
  { direction, schemaToJson }: ResolveSchemaOptions,
): JsonSchema {
  try {
    return native[direction]({ target: 'draft-2020-12' });
  } catch (error) {
    if (!schemaToJson) throw error;
    return schemaToJson(source, direction);
  }
}

function toValidation(result: StandardResult): Validation {
  return result.issues ? refuse(result.issues.map(toIssue)) : accept(result.value);
}

function toIssue(issue: StandardIssue): ValidationIssue {
  // An array is asked element by element: ArkType's path is a subclass whose map() does more.
  const keys = Array.from(issue.path ?? [], (segment) =>
    typeof segment === 'object' ? segment.key : segment,
  );
  return { path: keys.map(String).join('.'), message: issue.message };
}
