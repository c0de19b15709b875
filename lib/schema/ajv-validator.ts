import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Dialect } from './schema-document.js';
import type { JsonSchema } from './schema.js';

/** Returns why a value does not match, or an empty list if it does. */
export type AjvValidator = (value: unknown) => readonly ErrorObject[];

const DIALECT_CLASS = { 'draft-2020-12': Ajv2020, 'draft-07': Ajv } as const;

const META_SCHEMA = {
  'draft-2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema',
} as const;

const LENIENT: Options = {
  strict: false,
  allErrors: true,
  logger: false,
  // JSON Schema speaks of the members of an object; what its prototype offers ("toString") is not one.
  ownProperties: true,
  formats: fullFormats,
};

/**
 * Compiles a document.
 *
 * Each document has its own Ajv (a tenth of the cost of compiling), so equal `$id`s never meet. Without the
 * meta-schemas in it, a reference can only resolve inside the document.
 */
export function compileWithAjv(document: JsonSchema, dialect: Dialect): AjvValidator {
  const ajv = new DIALECT_CLASS[dialect]({ ...LENIENT, meta: false, validateSchema: false });
  // To Ajv `$async` means a validator that answers with a promise, which would count as "valid".
  const { $async: _, ...schema } = document;
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

/** Says what breaks the rules of the dialect in a document, or `undefined` for a proper schema. */
export function findSchemaFault(document: JsonSchema, dialect: Dialect): string | undefined {
  const ajv = metaValidators[dialect]();
  return ajv.validate(META_SCHEMA[dialect], document)
    ? undefined
    : ajv.errorsText(ajv.errors, { dataVar: 'schema' });
}

// Compiling a meta-schema takes 20 ms: done once per process, and only if a raw JSON Schema is used at all.
const metaValidators = {
  'draft-2020-12': once(() => new Ajv2020({ ...LENIENT, allErrors: false })),
  'draft-07': once(() => new Ajv({ ...LENIENT, allErrors: false })),
} as const satisfies Record<Dialect, () => Ajv>;

function once<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => (created ??= create());
}
