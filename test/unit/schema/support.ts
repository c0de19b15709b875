import { expect } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { DtoClass } from '../../../lib/schema/class-validator.js';
import { resolveSchema } from '../../../lib/schema/resolve-schema.js';
import type { SchemaSource } from '../../../lib/schema/schema-source.js';
import type { JsonSchema, Schema, SchemaDirection, Validation } from '../../../lib/schema/schema.js';

export const WHERE = 'WeatherTools.getWeather input';

export function resolve(source: SchemaSource, direction: SchemaDirection = 'input'): Promise<Schema> {
  return resolveSchema(source, { direction, where: WHERE });
}

/** Published schema of a class, checked as every published schema is. */
export async function publish(dto: DtoClass): Promise<JsonSchema> {
  const { jsonSchema } = await resolve(dto);
  expectPublishable(jsonSchema);
  return jsonSchema;
}

/** Each published schema compiles under a strict 2020-12 validator and refers to its own `$defs` only. */
export function expectPublishable(jsonSchema: JsonSchema): void {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  addFormats.default(ajv);
  ajv.addKeyword('x-mcp-header');
  expect(() => ajv.compile(jsonSchema)).not.toThrow();
  for (const [, ref] of JSON.stringify(jsonSchema).matchAll(/"\$ref":"([^"]*)"/g)) {
    expect(ref).toMatch(/^#(\/\$defs\/[A-Za-z0-9_.-]+)?$/);
  }
}

/** The issues of a refused value as `path: message`. */
export function issuesOf(validation: Validation): string[] {
  return validation.ok ? [] : validation.issues.map(({ path, message }) => `${path}: ${message}`);
}

export function valueOf(validation: Validation): unknown {
  if (!validation.ok) throw new Error(`refused: ${issuesOf(validation).join(', ')}`);
  return validation.value;
}

/** Set by the run of these tests on the interpreter. */
declare const SCHEMA_ENGINE: 'interpreter' | undefined;

/** Differences between the engines that check values: the list of them is where this is used. */
export function byEngine<T>(ajv: T, interpreter: T): T {
  return typeof SCHEMA_ENGINE === 'undefined' ? ajv : interpreter;
}
