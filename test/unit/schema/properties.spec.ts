import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type } from 'arktype';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { z } from 'zod';
import { fromJsonSchema } from '../../../lib/schema/json-schema.js';
import type { SchemaSource } from '../../../lib/schema/schema-source.js';
import type { JsonSchema, Validation } from '../../../lib/schema/schema.js';
import { resolve, WHERE } from './support.js';

const NAMES = ['a', 'b', 'constructor', 'toString'] as const;

const { schema: rawSchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonSchema>({}, { type: 'string' }, { type: ['integer', 'null'] }, { const: 1 }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(3) }),
    fc.record({ type: fc.constant('number'), minimum: fc.integer({ min: -3, max: 3 }) }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(3) }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie('schema')),
      required: fc.uniqueArray(fc.constantFrom(...NAMES)),
      additionalProperties: fc.boolean(),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('schema') }),
    fc.record({ if: tie('schema'), then: tie('schema'), else: tie('schema') }),
  ),
}));

const { value: jsonValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, 2.5, -4, '', 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value')),
  ),
}));

class Leaf {
  @IsInt() a!: number;
}

class Tree {
  @IsString() a!: string;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Tree) b?: Tree[];
  @ValidateNested() @Type(() => Leaf) constructor_!: Leaf;
  @IsOptional() @ValidateNested() c?: Leaf;
}

describe('any value', () => {
  it('gets the verdict of Ajv from a raw JSON Schema', () => {
    const reference = new Ajv2020({ strict: false, ownProperties: true });
    fc.assert(
      fc.property(rawSchema, fc.array(jsonValue, { minLength: 1, maxLength: 5 }), (document, values) => {
        const expected = reference.compile(document);
        const schema = fromJsonSchema(document, WHERE);
        for (const value of values) {
          const verdict = schema.validate(value) as Validation;
          expect(verdict.ok).toBe(expected(value));
          if (!verdict.ok) expect(verdict.issues.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, SchemaSource]>([
    ['a class', Tree],
    ['zod', z.object({ a: z.string(), b: z.array(z.record(z.string(), z.number())).optional() })],
    ['ArkType', type({ a: 'string', 'b?': 'number[]' })],
    ['a raw JSON Schema', { type: 'object', properties: { b: { items: { $ref: '#' } } }, required: ['a'] }],
  ])('makes %s neither throw nor refuse without a reason', async (_, source) => {
    const schema = await resolve(source);
    const anything = fc.oneof(
      fc.jsonValue(),
      jsonValue,
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), jsonValue),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        const verdict = await schema.validate(parsed);
        if (!verdict.ok) expect(verdict.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });
});
