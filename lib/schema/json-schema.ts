import { engine } from '#schema-engine';
import { isObject } from '../protocol/json-rpc.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { inspectDocument, unresolvedReference, type Dialect } from './schema-document.js';
import type { JsonSchema, Schema } from './schema.js';
import type { EngineOptions, FindIssues } from './schema-engine.interface.js';
import { accept, refuse, refuseTooDeep } from './validation.js';

/**
 * A schema from a raw JSON Schema, published as it is and never converting a value.
 *
 * Compiled once; a document that is invalid, beyond the bounds or refers to another document is refused here.
 */
export function fromJsonSchema(document: JsonSchema, where: string): Schema {
  const dialect = inspectDocument(document, where);
  const fault = engine.findFault(document, dialect);
  if (fault) throw new McpConfigurationError(`${where}: not a valid JSON Schema (${dialect}): ${fault}.`);
  return compileSchema(document, where, { dialect });
}

/** How to compile a document. */
export interface CompileOptions extends EngineOptions {
  /** @default 'draft-2020-12' */
  readonly dialect?: Dialect;
}

/** A schema that checks what an inspected document says, and converts nothing. */
export function compileSchema(
  document: JsonSchema,
  where: string,
  { dialect = 'draft-2020-12', ...options }: CompileOptions = {},
): Schema {
  const findIssues = compile(document, where, dialect, options);
  return {
    jsonSchema: document,
    validate(value) {
      try {
        const issues = findIssues(value);
        return issues.length === 0 ? accept(value) : refuse(issues);
      } catch (error) {
        return refuseTooDeep(error);
      }
    },
  };
}

function compile(document: JsonSchema, where: string, dialect: Dialect, options: EngineOptions): FindIssues {
  try {
    return engine.compile(document, dialect, options);
  } catch (cause) {
    if (isObject(cause) && typeof cause['missingRef'] === 'string') {
      throw unresolvedReference(cause['missingRef'], where, cause);
    }
    const reason = isObject(cause) ? String(cause['message']) : String(cause);
    throw new McpConfigurationError(`${where}: the JSON Schema cannot be compiled: ${reason}.`, { cause });
  }
}
