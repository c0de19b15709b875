import { describe, expect, it } from '@jest/globals';
import { engine } from '../../../lib/schema/interpreter-engine.js';
import type { JsonSchema } from '../../../lib/schema/schema.js';

const schemaOf = (jsonSchema: JsonSchema) => ({
  jsonSchema,
  validate: () => ({ ok: true, value: 1 }) as const,
});

describe('the interpreter of schemas', () => {
  it('refuses a pattern that hostile text can make run for ages', () => {
    const hostile = schemaOf({ properties: { name: { type: 'string', pattern: '^(a+)+$' } } });
    expect(() => engine.withTimeLimit(hostile, 'Tools.find input')).toThrow(
      'Tools.find input: the pattern ^(a+)+$ can take very long for hostile text',
    );
    const harmless = schemaOf({ properties: { name: { type: 'string', pattern: '^[a-z]+$' } } });
    expect(engine.withTimeLimit(harmless, 'Tools.find input')).toBe(harmless);
  });

  it('works where code is not generated, and leaves the document as it is', () => {
    const document = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { minLength: 2 } },
    };
    const before = structuredClone(document);
    const find = engine.compile(Object.freeze(document), 'draft-2020-12', {});
    expect(find({ a: 'xx' })).toEqual([]);
    expect(find({ a: 'x' })).toEqual([{ path: 'a', message: expect.stringContaining('too short') }]);
    expect(document).toEqual(before);
  });

  it('takes what is not there for absent, and no infinite number for a number', () => {
    const find = engine.compile({ properties: { a: { type: 'number' } }, required: ['b'] }, 'draft-07', {});
    expect(find({ a: undefined, b: 1 })).toEqual([]);
    expect(find({ a: Infinity, b: 1 })).toEqual([{ path: 'a', message: 'must be number' }]);
    expect(find({ a: 1, b: undefined })).toEqual([{ path: 'b', message: 'is required' }]);
  });

  it('leaves formats alone where that is wanted', () => {
    const document = { type: 'string', format: 'email' };
    expect(engine.compile(document, 'draft-2020-12', {})('no')).toHaveLength(1);
    expect(engine.compile(document, 'draft-2020-12', { validateFormats: false })('no')).toEqual([]);
  });

  it.each([
    [{ type: 'strin' }, 'draft-2020-12', 'schema/type must be a type'],
    [
      { properties: { a: { required: 'a' } } },
      'draft-2020-12',
      'schema/properties/a/required must be a list',
    ],
    [{ items: [{ type: 'string' }] }, 'draft-2020-12', 'schema/items must be a schema'],
    [{ items: [{ type: 'string' }] }, 'draft-07', undefined],
  ] as const)('says what is wrong with %j in %s', (document, dialect, fault) => {
    const found = engine.findFault(document, dialect);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });
});
