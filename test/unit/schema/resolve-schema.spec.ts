import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { IsString } from 'class-validator';
import { z } from 'zod';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { loadOptionalPackage } from '../../../lib/schema/optional-package.js';
import { resolve, WHERE } from './support.js';

class Dto {
  @IsString() a!: string;
}

describe('resolveSchema', () => {
  it.each([
    ['a class', Dto],
    ['a Standard Schema', z.object({ a: z.string() })],
    ['a plain JSON Schema', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
  ])('reads %s', async (_, source) => {
    const { jsonSchema, validate } = await resolve(source);
    expect(jsonSchema).toMatchObject({
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
    });
    expect(await validate({ a: 'x' })).toMatchObject({ ok: true, value: { a: 'x' } });
    expect(await validate({ a: 1 })).toMatchObject({ ok: false, issues: [{ path: 'a' }] });
  });

  it('takes a class with `~standard` for a Standard Schema', async () => {
    class Both extends Dto {
      static readonly '~standard' = z.object({ b: z.string() })['~standard'];
    }
    expect((await resolve(Both)).jsonSchema).toMatchObject({ required: ['b'] });
  });

  it('takes an object without a prototype for a JSON Schema', async () => {
    const { jsonSchema } = await resolve(Object.assign(Object.create(null), { type: 'object' }));
    expect(jsonSchema).toEqual({ type: 'object' });
  });

  it.each([
    [null, 'null'],
    [undefined, 'a value of type undefined'],
    ['object', 'a value of type string'],
    [[], 'an array'],
    [new Map(), 'an instance of Map'],
    [() => ({}), 'a function that is not a class'],
  ])('refuses %p', async (source, found) => {
    const refused = resolve(source as never);
    await expect(refused).rejects.toThrow(McpConfigurationError);
    await expect(refused).rejects.toThrow(`${WHERE}: expected a class`);
    await expect(refused).rejects.toThrow(found);
  });
});

describe('loadOptionalPackage', () => {
  it('finds all names of a CommonJS package', async () => {
    const loaded = await loadOptionalPackage<{ getMetadataStorage: unknown }>('class-validator', 'to test');
    expect(typeof loaded.getMetadataStorage).toBe('function');
  });

  it('says which package is missing and what for', async () => {
    const missing = loadOptionalPackage('class-missing/deep.js', `to use a class as a schema (${WHERE})`);
    await expect(missing).rejects.toThrow(McpConfigurationError);
    await expect(missing).rejects.toThrow(
      `The package class-missing is needed to use a class as a schema (${WHERE}): npm install class-missing.`,
    );
  });
});
