import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsInt, IsNumber, IsOptional } from 'class-validator';
import * as v from 'valibot';
import { z } from 'zod';
import { resolveSchema } from '../../../lib/schema/resolve-schema.js';
import type { SchemaSource } from '../../../lib/schema/schema-source.js';
import { issuesOf } from './support.js';

class Dto {
  @IsOptional() @IsInt() exact?: number;
  @IsOptional() @IsInt({ each: true }) list?: number[];
  @IsOptional() @IsNumber() any?: number;
}

const raw = {
  type: 'object',
  properties: {
    exact: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    list: { type: 'array', items: { $ref: '#/$defs/whole' } },
    any: { type: ['integer', 'number'] },
  },
  $defs: { whole: { type: 'integer' } },
};

const SOURCES: readonly [string, SchemaSource][] = [
  ['a DTO class', Dto],
  [
    'zod',
    z.object({ exact: z.int().optional(), list: z.array(z.int()).optional(), any: z.number().optional() }),
  ],
  [
    'valibot',
    v.object({
      exact: v.optional(v.pipe(v.number(), v.integer())),
      list: v.optional(v.array(v.pipe(v.number(), v.integer()))),
      any: v.optional(v.number()),
    }),
  ],
  ['JSON Schema', raw],
];

describe.each(SOURCES)('an integer of %s', (_, source) => {
  const check = async (json: string) => {
    const schema = await resolveSchema(source, {
      direction: 'input',
      where: 'a test',
      schemaToJson: () => raw,
    });
    return issuesOf(await schema.validate(JSON.parse(json)));
  };

  it.each(['9007199254740993', '-9007199254740992', '1e300', '1e400', '-1e400'])(
    'is refused where JSON.parse has rounded it: %s',
    async (number) => {
      const message = 'must be an integer between -(2^53 - 1) and 2^53 - 1';
      expect(await check(`{"exact":${number}}`)).toEqual([`exact: ${message}`]);
      expect(await check(`{"list":[1,${number}]}`)).toEqual([`list.1: ${message}`]);
    },
  );

  it('passes up to 2^53 - 1, and a number beyond it where any number may be', async () => {
    expect(
      await check('{"exact":9007199254740991,"list":[-9007199254740991],"any":9007199254740993}'),
    ).toEqual([]);
  });
});

it('Infinity is no number of JSON Schema', async () => {
  const schema = await resolveSchema(
    { type: 'object', properties: { a: { type: 'number' } } },
    { direction: 'input', where: 'a test' },
  );
  expect(issuesOf(await schema.validate(JSON.parse('{"a":1e400}')))).toEqual(['a: must be number']);
});
