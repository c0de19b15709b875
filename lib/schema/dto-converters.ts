import type { DtoConverter, ValidationMetadata } from './dto-libraries.js';
import type { JsonSchema } from './schema.js';

/** A date with or without its time. A union has typed branches and nothing beside it: some providers take no other. */
export const DATE: JsonSchema = {
  anyOf: [
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'date' },
  ],
};

/**
 * Decorators that only accept strings and that JSON Schema cannot describe further. Formats outside the
 * specification are left out: strict clients refuse them.
 */
const PLAIN_STRINGS = [
  ...['IsFirebasePushId', 'isBIC', 'isBase32', 'isBase58', 'isBtcAddress', 'isCreditCard', 'isCurrency'],
  ...[
    'isDataURI',
    'isDecimal',
    'isEAN',
    'isEthereumAddress',
    'isHSL',
    'isHash',
    'isIBAN',
    'isISO31661Alpha2',
  ],
  ...[
    'isISO31661Alpha3',
    'isISO31661Numeric',
    'isISO4217CurrencyCode',
    'isISO6391',
    'isISRC',
    'isISSN',
    'isIsbn',
  ],
  ...['isIdentityCard', 'isIsin', 'isJson', 'isJwt', 'isLatLong', 'isLocale', 'isMacAddress', 'isMagnetURI'],
  ...[
    'isMimeType',
    'isMobilePhone',
    'isOctal',
    'isPassportNumber',
    'isPhoneNumber',
    'isPort',
    'isPostalCode',
  ],
  ...['isRgbColor', 'isSemVer', 'isStrongPassword', 'isSurrogatePair', 'isTaxId', 'isTimeZone'],
];

/**
 * Keywords for decorators that need more than a type and one limit, by constraint name.
 *
 * Where a decorator cannot be expressed, the schema says less and never contradicts the validator.
 */
export const dtoConverters: Readonly<Record<string, DtoConverter>> = {
  ...Object.fromEntries(PLAIN_STRINGS.map((name) => [name, { type: 'string' }])),
  isEnum: (metadata) => describeValues(enumValues(first(metadata))),
  isIn: (metadata) => describeValues(first(metadata)),
  isNotIn: (metadata) => ({ not: { enum: jsonValues(first(metadata)) } }),
  equals: (metadata) => describeValues([first(metadata)]),
  notEquals: (metadata) => ({ not: { enum: jsonValues([first(metadata)]) } }),
  isNotEmpty: { minLength: 1 },
  isEmpty: describeValues(['', null]),
  isDate: DATE,
  minDate: DATE,
  maxDate: DATE,
  isDateString: DATE,
  isIso8601: DATE,
  isRFC3339: { type: 'string', format: 'date-time' },
  isUrl: { type: 'string', format: 'uri' },
  isBase64: { type: 'string', contentEncoding: 'base64' },
  isBooleanString: { type: 'string', enum: ['true', 'false', '1', '0'] },
  isHexadecimal: patternOf(/^(0[xXhH])?[0-9a-fA-F]+$/),
  isHexColor: patternOf(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/),
  isLatitude: { anyOf: [{ type: 'string' }, { type: 'number' }] },
  isLongitude: { anyOf: [{ type: 'string' }, { type: 'number' }] },
  isIp: (metadata) => describeIp(first(metadata)),
  isAlpha: patternUnlessArgued(/^[a-zA-Z]+$/),
  isAlphanumeric: patternUnlessArgued(/^[0-9a-zA-Z]+$/),
  isNumberString: patternUnlessArgued(/^[+-]?([0-9]*[.])?[0-9]+$/),
  contains: (metadata) => ({ type: 'string', pattern: escapePattern(String(first(metadata))) }),
  notContains: (metadata) => ({ type: 'string', not: { pattern: escapePattern(String(first(metadata))) } }),
  matches: ({ constraints = [] }) => describeMatches(constraints[0], constraints[1]),
};

function first(metadata: ValidationMetadata): unknown {
  return metadata.constraints?.[0];
}

/** The members of an enum without the names that TypeScript adds for numeric ones. */
export function enumValues(entity: unknown): unknown[] {
  const members = entity as Readonly<Record<string, unknown>>;
  return Object.keys(members)
    .filter((key) => members[String(members[key])] !== Number(key))
    .map((key) => members[key]);
}

function describeValues(values: unknown): JsonSchema {
  const allowed = jsonValues(values);
  const typeOf = (value: unknown) => (value === null ? 'null' : typeof value);
  const types = [...new Set(allowed.map(typeOf))];
  const branches = types.map((type) =>
    type === 'null' ? { type } : { type, enum: allowed.filter((value) => typeOf(value) === type) },
  );
  return branches.length > 1 ? { anyOf: branches } : (branches[0] ?? {});
}

/** Moves what stands beside a union of typed branches into those that can fit it. */
export function foldUnion(schema: JsonSchema): JsonSchema {
  const { type, anyOf, ...limits } = schema;
  if (type === undefined || !Array.isArray(anyOf)) return schema;
  const fits = (branch: JsonSchema) =>
    branch['type'] === type || (type === 'integer' && branch['type'] === 'number');
  const branches = (anyOf as JsonSchema[]).filter(fits).map((branch) => ({ ...branch, type, ...limits }));
  if (branches.length === 0) return { type, ...limits };
  return branches.length === 1 ? (branches[0] as JsonSchema) : { anyOf: branches };
}

/** Objects are compared by identity, so that no value from the wire can equal one. */
function jsonValues(values: unknown): unknown[] {
  if (!Array.isArray(values)) return [];
  return values.filter((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value));
}

function describeIp(version: unknown): JsonSchema {
  if (version === '4' || version === 4) return { type: 'string', format: 'ipv4' };
  if (version === '6' || version === 6) return { type: 'string', format: 'ipv6' };
  return {
    anyOf: [
      { type: 'string', format: 'ipv4' },
      { type: 'string', format: 'ipv6' },
    ],
  };
}

function patternOf(pattern: RegExp): JsonSchema {
  return { type: 'string', pattern: pattern.source };
}

function patternUnlessArgued(pattern: RegExp): DtoConverter {
  return (metadata) => (first(metadata) === undefined ? patternOf(pattern) : { type: 'string' });
}

/** JSON Schema patterns know no flags and are read in Unicode mode, which some valid patterns do not survive. */
function describeMatches(pattern: unknown, modifiers: unknown): JsonSchema {
  const { source, flags } =
    typeof pattern === 'string'
      ? { source: pattern, flags: typeof modifiers === 'string' ? modifiers : '' }
      : (pattern as RegExp);
  const isPortable = /^[dgu]*$/.test(flags) && isUnicodePattern(source);
  return isPortable ? { type: 'string', pattern: source } : { type: 'string' };
}

function isUnicodePattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').unicode;
  } catch {
    return false;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
