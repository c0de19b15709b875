import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';
import type { JsonSchema } from '../schema/schema.js';

/** Keywords allowed on the wire for each type of field; all others are checked on the answer only. */
const COMMON = ['type', 'title', 'description', 'default'];
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: [...COMMON, 'minLength', 'maxLength', 'format', 'enum', 'enumNames', 'oneOf'],
  number: [...COMMON, 'minimum', 'maximum'],
  integer: [...COMMON, 'minimum', 'maximum'],
  boolean: COMMON,
  array: [...COMMON, 'minItems', 'maxItems', 'items'],
};

const FORMATS: ReadonlySet<unknown> = new Set(['email', 'uri', 'date', 'date-time']);

/**
 * The form a client is asked to show: a flat object of strings, numbers, booleans and choices. Throws
 * `McpConfigurationError` for a schema that is more than that.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#requested-schema
 */
export function toRequestedSchema(schema: JsonSchema): Record<string, unknown> {
  const { type, properties = {}, required } = schema;
  if (type !== 'object' || !isObject(properties)) {
    throw new McpConfigurationError('ctx.elicit(): the schema must describe an object with properties');
  }
  const fields = Object.entries(properties).map(([name, field]) => [name, toField(name, field)]);
  return {
    type: 'object',
    properties: Object.fromEntries(fields) as Record<string, unknown>,
    ...(Array.isArray(required) && required.length > 0 && { required }),
  };
}

function toField(name: string, field: unknown): Record<string, unknown> {
  const type = isObject(field) ? field['type'] : undefined;
  const keywords = typeof type === 'string' && Object.hasOwn(KEYWORDS, type) ? KEYWORDS[type] : undefined;
  if (!isObject(field) || !keywords) throw tooRich(name);
  const entries = keywords
    .filter((keyword) => field[keyword] !== undefined)
    .map((keyword) => [keyword, field[keyword]]);
  const kept = Object.fromEntries(entries) as Record<string, unknown>;
  if (!FORMATS.has(kept['format'])) delete kept['format'];
  if (kept['enum'] !== undefined && !isNames(kept['enum'])) throw tooRich(name);
  if (kept['oneOf'] !== undefined && !isTitled(kept['oneOf'])) throw tooRich(name);
  if (type === 'array' && !isChoice(kept['items'])) throw tooRich(name);
  return kept;
}

/** One of two forms: plain names, or names with a title each. */
function isChoice(items: unknown): boolean {
  return (
    isObject(items) && (isTitled(items['anyOf']) || (items['type'] === 'string' && isNames(items['enum'])))
  );
}

function isNames(choices: unknown): boolean {
  return Array.isArray(choices) && choices.every((choice) => typeof choice === 'string');
}

function isTitled(choices: unknown): boolean {
  return (
    Array.isArray(choices) &&
    choices.every(
      (choice) =>
        isObject(choice) && typeof choice['const'] === 'string' && typeof choice['title'] === 'string',
    )
  );
}

function tooRich(name: string): McpConfigurationError {
  return new McpConfigurationError(
    `ctx.elicit(): the field "${name}" cannot be shown as a form field. ` +
      'A field is a string, number, integer, boolean, a choice of strings, or a list of such choices',
  );
}
