import { describe, expect, it } from '@jest/globals';
import { toJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { resolveSchema } from '../../../lib/schema/resolve-schema.js';
import type { JsonSchema } from '../../../lib/schema/schema.js';
import type { StandardSchema } from '../../../lib/schema/standard-schema.interface.js';
import { expectPublishable, issuesOf, resolve, WHERE } from './support.js';

const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema';

describe('zod 4', () => {
  const city = z.object({
    city: z.string().min(1),
    days: z.number().default(3),
    unit: z.enum(['c', 'f']).optional(),
  });

  it('publishes what a client sends', async () => {
    const { jsonSchema } = await resolve(city);
    expectPublishable(jsonSchema);
    expect(jsonSchema).toEqual({
      $schema: DRAFT_2020,
      type: 'object',
      properties: {
        city: { type: 'string', minLength: 1 },
        days: { type: 'number', default: 3 },
        unit: { type: 'string', enum: ['c', 'f'] },
      },
      required: ['city'],
    });
  });

  it('publishes what a handler returns', async () => {
    const { jsonSchema } = await resolve(city, 'output');
    expectPublishable(jsonSchema);
    expect(jsonSchema).toMatchObject({ required: ['city', 'days'], additionalProperties: false });
  });

  it('converts while it validates', async () => {
    const schema = await resolve(city);
    expect(await schema.validate({ city: 'Oslo', other: 1 })).toEqual({
      ok: true,
      value: { city: 'Oslo', days: 3 },
    });
  });

  it('answers at once where zod does and awaits it where it does not', async () => {
    const sync = await resolve(z.object({ a: z.array(z.object({ b: z.string() })) }));
    expect(issuesOf(sync.validate({ a: [{ b: 1 }] }) as never)).toEqual([
      'a.0.b: Invalid input: expected string, received number',
    ]);
    const slow = z.object({ a: z.string().refine(async (text) => text === 'x', 'is taken') });
    // zod throws unless asked asynchronously; Standard Schema asks it so by itself.
    expect(issuesOf(await (await resolve(slow)).validate({ a: 'y' }))).toEqual(['a: is taken']);
  });

  it('refers to itself inside the document', async () => {
    const node = z.object({
      name: z.string(),
      get children() {
        return z.array(node);
      },
    });
    const { jsonSchema } = await resolve(node);
    expectPublishable(jsonSchema);
    expect(jsonSchema).toMatchObject({ properties: { children: { type: 'array', items: { $ref: '#' } } } });
  });

  it('refuses what JSON Schema cannot represent', async () => {
    const dated = z.object({ day: z.date() });
    const refused = resolve(dated);
    await expect(refused).rejects.toThrow(McpConfigurationError);
    await expect(refused).rejects.toThrow(WHERE);
    await expect(refused).rejects.toMatchObject({
      cause: { message: 'Date cannot be represented in JSON Schema' },
    });
    await expect(resolve(z.string().transform(Number), 'output')).rejects.toThrow(
      'Transforms cannot be represented',
    );
  });

  it('lets schemaToJson describe what zod refuses', async () => {
    const schemaToJson = (schema: StandardSchema): JsonSchema =>
      z.toJSONSchema(schema as unknown as z.ZodType, { unrepresentable: 'any' });
    const { jsonSchema } = await resolveSchema(z.object({ day: z.date() }), {
      direction: 'input',
      where: WHERE,
      schemaToJson,
    });
    expect(jsonSchema).toMatchObject({ properties: { day: {} } });
  });

  it('passes on what a refinement of the user throws', async () => {
    const broken = z.object({
      a: z.string().refine(() => {
        throw new TypeError('database is down');
      }),
    });
    const schema = await resolve(broken);
    await expect(async () => schema.validate({ a: 'x' })).rejects.toThrow('database is down');
  });
});

describe('zod 3', () => {
  it('needs schemaToJson, and says so', async () => {
    const refused = resolve(z3.object({ a: z3.string() }));
    await expect(refused).rejects.toThrow(McpConfigurationError);
    await expect(refused).rejects.toThrow(/WeatherTools\.getWeather input: .*"zod".*schemaToJson/);
  });
});

describe('Valibot', () => {
  const schemaToJson = (schema: StandardSchema): JsonSchema =>
    toJsonSchema(schema as unknown as v.GenericSchema) as JsonSchema;
  const options = { direction: 'input', where: WHERE, schemaToJson } as const;
  const person = v.object({
    name: v.pipe(v.string(), v.minLength(2)),
    tags: v.optional(v.array(v.string())),
  });

  it('is described by schemaToJson', async () => {
    const { jsonSchema } = await resolveSchema(person, options);
    expect(jsonSchema).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2 },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['name'],
    });
  });

  it('reports dotted paths', async () => {
    const schema = await resolveSchema(person, options);
    expect(issuesOf(await schema.validate({ name: 'Al', tags: ['a', 1] }))).toEqual([
      'tags.1: Invalid type: Expected string but received 1',
    ]);
    expect(await schema.validate({ name: 'Al' })).toEqual({ ok: true, value: { name: 'Al' } });
  });

  it('is refused without schemaToJson or where it does not answer an object', async () => {
    await expect(resolve(person)).rejects.toThrow('"valibot"');
    const useless = resolveSchema(person, { ...options, schemaToJson: () => undefined as never });
    await expect(useless).rejects.toThrow('schemaToJson did not return a JSON Schema object');
  });

  it('is refused where the description refers elsewhere', async () => {
    const foreign = resolveSchema(person, {
      ...options,
      schemaToJson: () => ({ $ref: 'https://example.com/s' }),
    });
    await expect(foreign).rejects.toThrow('"https://example.com/s" does not resolve');
  });
});

describe('ArkType', () => {
  const city = type({ city: 'string > 0', 'days?': 'number.integer', unit: "'c' | 'f'" });

  it('is a function that describes itself', async () => {
    const { jsonSchema } = await resolve(city);
    expectPublishable(jsonSchema);
    expect(jsonSchema).toEqual({
      $schema: DRAFT_2020,
      type: 'object',
      properties: {
        city: { type: 'string', minLength: 1 },
        days: { type: 'integer' },
        unit: { enum: ['c', 'f'] },
      },
      required: ['city', 'unit'],
    });
  });

  it('reports dotted paths', async () => {
    const schema = await resolve(type({ a: type({ b: 'string' }).array() }));
    expect(issuesOf(await schema.validate({ a: [{ b: 'x' }, { b: 1 }] }))).toEqual([
      'a.1.b: a[1].b must be a string (was a number)',
    ]);
  });
});
