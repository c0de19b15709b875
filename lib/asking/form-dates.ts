import { isObject } from '../protocol/json-rpc.js';
import type { Schema } from '../schema/schema.js';
import { refuse } from '../schema/validation.js';

/**
 * Gives each field that may be one of several formats of text a single one, as forms know no unions: dates that may have a
 * time are asked for, and taken, without it.
 */
export function narrowDates(schema: Schema): Schema {
  const { properties } = schema.jsonSchema;
  const fields = Object.entries(isObject(properties) ? properties : {});
  const unions = fields.flatMap(([name, field]) => {
    const formats = formatsOf(field);
    return formats ? [{ name, field: field as Readonly<Record<string, unknown>>, formats }] : [];
  });
  if (unions.length === 0) return schema;
  const narrowed = unions.map(({ name, field: { anyOf: _, ...field }, formats }) => [
    name,
    { ...field, type: 'string', ...(formats.includes('date') && { format: 'date' }) },
  ]);
  const dates = unions.filter(({ formats }) => formats.includes('date')).map(({ name }) => name);
  return {
    jsonSchema: {
      ...schema.jsonSchema,
      properties: { ...Object.fromEntries(fields), ...Object.fromEntries(narrowed) },
    },
    validate(value) {
      const wrong = dates.filter((name) => isObject(value) && !isDateOrMissing(value[name]));
      if (wrong.length === 0) return schema.validate(value);
      return refuse(wrong.map((path) => ({ path, message: 'must be a date (YYYY-MM-DD)' })));
    },
  };
}

function formatsOf(field: unknown): readonly unknown[] | undefined {
  const branches = isObject(field) ? field['anyOf'] : undefined;
  if (!Array.isArray(branches) || branches.length === 0) return undefined;
  const isText = (branch: unknown) =>
    isObject(branch) && branch['type'] === 'string' && branch['format'] !== undefined;
  return branches.every(isText)
    ? branches.map((branch: Readonly<Record<string, unknown>>) => branch['format'])
    : undefined;
}

/** Null and whatever is no text is left to the schema itself. */
function isDateOrMissing(value: unknown): boolean {
  if (typeof value !== 'string') return true;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
