import { isObject } from '../protocol/json-rpc.js';
import { dtoConverters } from './dto-converters.js';
import type { DtoConverter, ValidationMetadata } from './dto-libraries.js';
import type { JsonSchema } from './schema.js';

const STRING: JsonSchema = { type: 'string' };
const NUMBER: JsonSchema = { type: 'number' };
const LIST: JsonSchema = { type: 'array', items: {} };

/** JSON Schema of each decorator of class-validator, by constraint name. */
const DECORATORS: Readonly<Record<string, DtoConverter>> = {
  isDefined: { not: { type: 'null' } },
  isBoolean: { type: 'boolean' },
  isNumber: NUMBER,
  isInt: { type: 'integer' },
  isString: STRING,
  isArray: LIST,
  isObject: { type: 'object' },
  isNotEmptyObject: { type: 'object', minProperties: 1 },
  isDivisibleBy: argument((multipleOf) => ({ ...NUMBER, multipleOf })),
  isPositive: { ...NUMBER, exclusiveMinimum: 0 },
  isNegative: { ...NUMBER, exclusiveMaximum: 0 },
  min: argument((minimum) => ({ ...NUMBER, minimum })),
  max: argument((maximum) => ({ ...NUMBER, maximum })),
  isAscii: { ...STRING, pattern: '^[\\x00-\\x7F]+$' },
  isByteLength: STRING,
  isEmail: { ...STRING, format: 'email' },
  isFqdn: { ...STRING, format: 'hostname' },
  isFullWidth: STRING,
  isHalfWidth: STRING,
  isVariableWidth: STRING,
  isMultibyte: { ...STRING, pattern: '[^\\x00-\\x7F]' },
  isLowercase: STRING,
  isUppercase: STRING,
  isMongoId: { ...STRING, pattern: '^[0-9a-fA-F]{24}$' },
  isUuid: { ...STRING, format: 'uuid' },
  isMilitaryTime: { ...STRING, pattern: '^([01]\\d|2[0-3]):?([0-5]\\d)$' },
  isLength: ({ constraints: [minLength, maxLength] = [] }) => ({
    ...STRING,
    minLength,
    ...(typeof maxLength === 'number' && { maxLength }),
  }),
  minLength: argument((minLength) => ({ ...STRING, minLength })),
  maxLength: argument((maxLength) => ({ ...STRING, maxLength })),
  arrayContains: LIST,
  arrayNotContains: LIST,
  arrayNotEmpty: { ...LIST, minItems: 1 },
  arrayMinSize: argument((minItems) => ({ ...LIST, minItems })),
  arrayMaxSize: argument((maxItems) => ({ ...LIST, maxItems })),
  // A list that is unique by an identifier may hold equal members only where the identifiers differ: never.
  arrayUnique: argument((identifier) => (identifier ? LIST : { ...LIST, uniqueItems: true })),
  ...dtoConverters,
};

/** Describes decorators of one property together; what each says of members is said of `items`. */
export function describeDecorators(metadatas: readonly ValidationMetadata[]): JsonSchema {
  // Merged in order: "number" of @Min() must not replace "integer" of @IsInt().
  const ordered = [...metadatas].sort((a, b) => Number(a.type === 'isInt') - Number(b.type === 'isInt'));
  return ordered.map(describeDecorator).reduce(mergeSchemas, {});
}

function describeDecorator(metadata: ValidationMetadata): JsonSchema {
  const converter = Object.hasOwn(DECORATORS, metadata.type) ? DECORATORS[metadata.type] : undefined;
  const described = typeof converter === 'function' ? converter(metadata) : (converter ?? {});
  return metadata.each ? { type: 'array', items: described } : described;
}

/** Merges objects at every depth; anything else of `b` replaces what `a` says. */
export function mergeSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const present = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isObject(present) && isObject(value) ? mergeSchemas(present, value) : value;
  }
  return merged;
}

function argument(describe: (value: unknown) => JsonSchema): DtoConverter {
  return ({ constraints = [] }) => describe(constraints[0]);
}
