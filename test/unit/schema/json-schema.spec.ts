import { describe, expect, it } from '@jest/globals';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { fromJsonSchema } from '../../../lib/schema/json-schema.js';
import type { JsonSchema, Validation } from '../../../lib/schema/schema.js';
import { expectPublishable, issuesOf, WHERE, byEngine } from './support.js';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

function check(document: JsonSchema, value: unknown): string[] {
  return issuesOf(fromJsonSchema(document, WHERE).validate(value) as Validation);
}

function load(document: JsonSchema): () => unknown {
  return () => fromJsonSchema(document, WHERE);
}

describe('raw JSON Schema', () => {
  const everything: JsonSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://example.com/order',
    type: 'object',
    'x-vendor': { keep: true },
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      item: { $ref: '#item' },
      again: { $ref: '#/$defs/item' },
    },
    if: { properties: { region: { const: 'eu' } } },
    then: { required: ['vat'] },
    else: { required: ['region'] },
    $defs: { item: { $anchor: 'item', type: 'object', properties: { next: { $ref: '#item' } } } },
  };

  it('publishes every keyword in its order', () => {
    const before = JSON.stringify(everything);
    const { jsonSchema } = fromJsonSchema(everything, WHERE);
    expect(JSON.stringify(jsonSchema)).toBe(before);
    expect(jsonSchema).toEqual(everything);
  });

  it('follows conditions and anchors', () => {
    expect(check(everything, { region: 'us' })).toEqual([]);
    expect(check(everything, { region: 'eu' })).toContain('vat: is required');
    expect(check(everything, { region: 'us', item: { next: 3 } })).toEqual(['item.next: must be object']);
  });

  it('returns the very value, neither converted nor completed', () => {
    const value = { count: 1 };
    const schema = fromJsonSchema(
      { type: 'object', properties: { count: { type: 'number' }, unit: { default: 'm' } } },
      WHERE,
    );
    expect(schema.validate(value)).toEqual({ ok: true, value: { count: 1 } });
    expect((schema.validate(value) as { value: unknown }).value).toBe(value);
    expect(issuesOf(schema.validate({ count: '1' }) as Validation)).toEqual(['count: must be number']);
  });

  it('names the missing, the surplus and the wrong member', () => {
    const document = {
      type: 'object',
      properties: {
        'a/b': { type: 'array', items: { type: 'object', required: ['name'] } },
        mail: { format: 'email' },
      },
      required: ['id'],
      additionalProperties: false,
    };
    expectPublishable(document);
    expect(check(document, { 'a/b': [{ name: 1 }, {}], extra: 1, mail: 'no' })).toEqual(
      byEngine(
        [
          'id: is required',
          'extra: is not allowed',
          'a/b.1.name: is required',
          'mail: must match format "email"',
        ],
        [
          'id: is required',
          'a/b.1.name: is required',
          'mail: String does not match format "email".',
          'extra: is not allowed',
        ],
      ),
    );
  });

  it('tells equal issues once and at most twenty', () => {
    const document = { anyOf: [{ type: 'string' }, { type: 'string' }, { type: 'string', minLength: 1 }] };
    expect(check(document, 1)).toEqual(
      byEngine(
        [': must be string', ': must match a schema in anyOf'],
        [': Instance does not match any subschemas.', ': must be string'],
      ),
    );
    expect(
      check(
        { items: { type: 'string' } },
        Array.from({ length: 50 }, (_, index) => index),
      ),
    ).toHaveLength(20);
  });

  it('tells only the first issue of a very large value', () => {
    expect(
      check(
        { items: { type: 'string' } },
        Array.from({ length: 20_000 }, () => 1),
      ),
    ).toEqual(['0: must be string']);
  });

  it('takes no member from the prototype of a value', () => {
    expect(check({ required: ['toString'] }, {})).toEqual(['toString: is required']);
    expect(check({ properties: { constructor: { type: 'string' } } }, {})).toEqual([]);
  });

  it('ignores the $async extension, which would accept every value', () => {
    expect(check({ $async: true, type: 'string' }, 1)).toEqual([': must be string']);
  });

  it('refuses a value nested beyond what the stack holds', () => {
    const list = { type: 'array', items: { $ref: '#' } };
    let deep: unknown[] = [];
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(check(list, deep)).toEqual([': is nested too deeply']);
  });

  it('keeps schemas of equal $id apart', () => {
    const text = { $id: 'urn:app:same', type: 'string', $defs: { x: { $id: 'urn:app:inner', const: 1 } } };
    const number = { $id: 'urn:app:same', type: 'number', $defs: { x: { $id: 'urn:app:inner', const: 2 } } };
    expect(check(text, 'a')).toEqual([]);
    expect(check(number, 1)).toEqual([]);
    expect(check(text, 1)).toEqual([': must be string']);
  });

  it('resolves references to schemas embedded by $id', () => {
    const document = {
      $id: 'https://example.com/root',
      properties: { a: { $ref: 'leaf' }, b: { $ref: 'https://example.com/root#/$defs/leaf' } },
      $defs: { leaf: { $id: 'leaf', type: 'string' } },
    };
    expect(check(document, { a: 1, b: 2 })).toEqual(['a: must be string', 'b: must be string']);
  });

  it('validates by draft-07 where the document says so', () => {
    const document = { $schema: DRAFT_07, items: [{ type: 'string' }], definitions: {} };
    expect(check(document, [1])).toEqual(['0: must be string']);
    expect(load({ items: [{ type: 'string' }] })).toThrow(McpConfigurationError);
  });

  it.each([
    ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'draft-04'],
    ['a dialect that is no text', { $schema: 7 }, 'dialect 7'],
    ['a mix of dialects', { properties: { a: { $schema: DRAFT_07 } } }, 'cannot mix dialects'],
    ['an unknown type', { type: 'strin' }, 'schema/type must be'],
    [
      'a keyword of the wrong type',
      { properties: { a: { minLength: 'x' } } },
      'schema/properties/a/minLength',
    ],
    ['a broken pattern', { pattern: '(' }, 'Unterminated group'],
    ['an absolute reference', { $ref: 'https://example.com/x.json' }, 'https://example.com/x.json'],
    ['a file reference', { properties: { a: { $ref: 'file:///etc/passwd' } } }, 'file:///etc/passwd'],
    [
      'a reference to the meta-schema',
      { $ref: 'https://json-schema.org/draft/2020-12/schema' },
      'does not resolve',
    ],
    ['a reference to nothing', { $ref: '#/$defs/none' }, '#/$defs/none'],
    ['a value JSON cannot hold', { const: 1n }, 'cannot be written as JSON'],
  ])('refuses %s', (_, document, reason) => {
    expect(load(document)).toThrow(McpConfigurationError);
    expect(load(document)).toThrow(WHERE);
    expect(load(document)).toThrow(reason);
  });

  it('refuses a document beyond 64 levels, a circular one included', () => {
    const nest = (levels: number): JsonSchema => (levels === 1 ? {} : { items: nest(levels - 1) });
    expect(load(nest(64))).not.toThrow();
    expect(load(nest(65))).toThrow('nested deeper than 64 levels');
    const circular: Record<string, unknown> = {};
    circular['not'] = circular;
    expect(load(circular)).toThrow('nested deeper than 64 levels');
  });

  it('refuses a document of more than 10 000 subschemas', () => {
    const wide = (count: number): JsonSchema => ({
      properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, true])),
    });
    expect(load(wide(10_000))).toThrow('more than 10000 subschemas');
    let doubling: JsonSchema = {};
    for (let level = 0; level < 30; level += 1) doubling = { anyOf: [doubling, doubling] };
    expect(load(doubling)).toThrow('more than 10000 subschemas');
  });
});
