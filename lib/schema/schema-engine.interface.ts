import type { Dialect } from './schema-document.js';
import type { JsonSchema, Schema, ValidationIssue } from './schema.js';

/** Returns why a value does not match, or an empty list if it does. */
export type FindIssues = (value: unknown) => readonly ValidationIssue[];

/** `validateFormats: false` takes any text for one of a `format`. */
export interface EngineOptions {
  readonly validateFormats?: boolean;
}

/** Validator for JSON Schema. The host that the library is loaded or bundled for decides which implementation is used. */
export interface SchemaEngine {
  /**
   * Compiles an inspected document. Throws what has a `missingRef` for a reference that leads nowhere, and whatever else
   * cannot be compiled.
   */
  compile(document: JsonSchema, dialect: Dialect, options: EngineOptions): FindIssues;
  /** Finds what breaks the rules of the dialect in a document, or `undefined` for a proper schema. */
  findFault(document: JsonSchema, dialect: Dialect): string | undefined;
  /**
   * Keeps what clients send from taking long to check.
   *
   * @throws McpConfigurationError where that cannot be done for the document.
   */
  withTimeLimit(schema: Schema, where: string): Schema;
}
