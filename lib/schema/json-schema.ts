import { McpConfigurationError } from '../protocol/configuration.error.js';
import { toIssue } from './ajv-issues.js';
import { compileWithAjv, findSchemaFault, type AjvValidator } from './ajv-validator.js';
import { inspectDocument, unresolvedReference, type Dialect } from './schema-document.js';
import type { JsonSchema, Schema } from './schema.js';
import { accept, isObject, refuse, refuseTooDeep } from './validation.js';

/**
 * A schema from a raw JSON Schema, published as it is and never converting a value.
 *
 * Compiled once; a document that is invalid, beyond the bounds or refers to another document is refused here.
 */
export function fromJsonSchema(document: JsonSchema, where: string): Schema {
  const findErrors = compile(document, inspectDocument(document, where), where);
  return {
    jsonSchema: document,
    validate(value) {
      try {
        const errors = findErrors(value);
        return errors.length === 0 ? accept(value) : refuse(errors.map(toIssue));
      } catch (error) {
        return refuseTooDeep(error);
      }
    },
  };
}

function compile(document: JsonSchema, dialect: Dialect, where: string): AjvValidator {
  const fault = findSchemaFault(document, dialect);
  if (fault) throw new McpConfigurationError(`${where}: not a valid JSON Schema (${dialect}): ${fault}.`);
  try {
    return compileWithAjv(document, dialect);
  } catch (cause) {
    if (isObject(cause) && typeof cause['missingRef'] === 'string') {
      throw unresolvedReference(cause['missingRef'], where, cause);
    }
    const reason = isObject(cause) ? String(cause['message']) : String(cause);
    throw new McpConfigurationError(`${where}: the JSON Schema cannot be compiled: ${reason}.`, { cause });
  }
}
