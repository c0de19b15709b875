/**
 * A JSON Schema 2020-12 document as plain data.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/index#json-schema-usage
 * @publicApi
 */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** One reason why a value was refused. `path` is dotted (`address.city`, `tags.0`) and empty for the root. */
export interface ValidationIssue {
  readonly path: string;
  readonly message: string;
}

/** The outcome of validating a value: the value to go on with (converted where the schema converts), or why not. */
export type Validation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly ValidationIssue[] };

/** The one shape that every kind of schema a user may give is turned into. */
export interface Schema {
  /** Self-contained 2020-12 document as published to clients: every `$ref` points into `#/$defs`. */
  readonly jsonSchema: JsonSchema;

  /** Regular expressions that values are matched with, beside those that `jsonSchema` says. @default none */
  readonly patterns?: readonly string[];

  /** Never throws for a bad value. Synchronous where the underlying library is. */
  validate(value: unknown): Validation | Promise<Validation>;
}

/** `input` describes what a client sends, `output` what a handler returns. They differ where a schema transforms. */
export type SchemaDirection = 'input' | 'output';
