import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Dialect } from './schema-document.js';
import type { JsonSchema } from './schema.js';

const MAX_NODES_FOR_ALL_ERRORS = 10_000;

/** Returns why a value does not match, or an empty list if it does. */
export type AjvValidator = (value: unknown) => readonly ErrorObject[];

/** `validateFormats: false` takes any text for one of a `format`. */
export type AjvValidatorOptions = Pick<Options, 'validateFormats'>;

const DIALECT_CLASS = { 'draft-2020-12': Ajv2020, 'draft-07': Ajv } as const;

const META_SCHEMA = {
  'draft-2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema',
} as const;

const LENIENT: Options = {
  strict: false,
  logger: false,
  // JSON Schema speaks of the members of an object; what its prototype offers ("toString") is not one.
  ownProperties: true,
  // Else 1e400, which JSON.parse makes Infinity, is a number and an integer.
  strictNumbers: true,
  formats: fullFormats,
};

/**
 * Compiles a document.
 *
 * All errors of a value are reported, but of a very large value only the first: collecting them from a list of
 * millions would cost seconds and hundreds of megabytes.
 */
export function compileWithAjv(
  document: JsonSchema,
  dialect: Dialect,
  options: AjvValidatorOptions = {},
): AjvValidator {
  const validate = compile(document, dialect, { ...options, allErrors: false });
  const explain = once(() => compile(document, dialect, { ...options, allErrors: true }));
  return (value) => {
    if (validate(value)) return [];
    if (!isSmall(value)) return validate.errors ?? [];
    const validateAll = explain();
    validateAll(value);
    return validateAll.errors ?? validate.errors ?? [];
  };
}

/**
 * Each document has its own Ajv (a tenth of the cost of compiling), so equal `$id`s never meet. Without the
 * meta-schemas in it, a reference can only resolve inside the document.
 */
function compile(document: JsonSchema, dialect: Dialect, options: Options): ValidateFunction {
  const ajv = new DIALECT_CLASS[dialect]({ ...LENIENT, ...options, meta: false, validateSchema: false });
  // To Ajv `$async` means a validator that answers with a promise, which would count as "valid".
  const { $async: _, ...schema } = document;
  return ajv.compile(schema);
}

function isSmall(value: unknown): boolean {
  const open = [value];
  let count = 1;
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const members: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    count += members.length;
    if (count > MAX_NODES_FOR_ALL_ERRORS) return false;
    open.push(...members);
  }
  return true;
}

/** Finds what breaks the rules of the dialect in a document, or `undefined` for a proper schema. */
export function findSchemaFault(document: JsonSchema, dialect: Dialect): string | undefined {
  const ajv = metaValidators[dialect]();
  return ajv.validate(META_SCHEMA[dialect], document)
    ? undefined
    : ajv.errorsText(ajv.errors, { dataVar: 'schema' });
}

// Compiling a meta-schema takes 20 ms: done once per process, and only if a raw JSON Schema is used at all.
const metaValidators = {
  'draft-2020-12': once(() => new Ajv2020(LENIENT)),
  'draft-07': once(() => new Ajv(LENIENT)),
} as const satisfies Record<Dialect, () => Ajv>;

function once<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => (created ??= create());
}
