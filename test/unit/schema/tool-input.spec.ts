import { describe, expect, it } from '@jest/globals';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { toObjectSchema } from '../../../lib/schema/tool-input.js';
import { WHERE } from './support.js';

const A = { type: 'object', properties: { a: { type: 'string' } } };
const B = { type: 'object', properties: { b: { type: 'string' } } };

describe('the input of a tool', () => {
  it('always has properties', () => {
    expect(toObjectSchema({ type: 'object' }, WHERE)).toEqual({ type: 'object', properties: {} });
    expect(toObjectSchema(A, WHERE)).toEqual(A);
  });

  it.each<[string, object]>([
    ['anyOf', { anyOf: [A, B] }],
    ['oneOf', { oneOf: [A, B] }],
    ['allOf', { allOf: [A, { required: ['a'] }] }],
    ['a union in a union', { anyOf: [A, { oneOf: [B, { allOf: [A, B] }] }] }],
    ['a reference', { $ref: '#/$defs/A', $defs: { A } }],
    [
      'references in a union',
      { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#b' }], $defs: { A, B: { ...B, $anchor: 'b' } } },
    ],
    ['a reference to a union', { $ref: '#/$defs/U', $defs: { U: { anyOf: [A, { $ref: '#/$defs/B' }] }, B } }],
    ['a list of one type', { type: ['object'] }],
  ])('is published as an object where every branch is one: %s', (_, schema) => {
    expect(toObjectSchema({ ...schema }, WHERE)).toEqual({ ...schema, type: 'object', properties: {} });
  });

  it.each<[object, string]>([
    [{}, 'its schema has no type'],
    [{ type: 'string' }, 'its schema has type "string"'],
    [{ type: ['object', 'null'] }, 'its schema has type ["object","null"]'],
    [{ anyOf: [A, { type: 'string' }] }, 'the branch "anyOf/1" has type "string"'],
    [{ oneOf: [A, {}] }, 'the branch "oneOf/1" has no type'],
    [{ anyOf: [A, { oneOf: [B, { type: 'null' }] }] }, 'the branch "anyOf/1/oneOf/1" has type "null"'],
    [{ allOf: [{ required: ['a'] }] }, 'the branch "allOf/0" has no type'],
    [{ $ref: '#/$defs/X', $defs: { X: { type: 'array' } } }, 'the branch "$ref" has type "array"'],
    [{ $ref: '#' }, 'the branch "$ref" has no type'],
    [{ anyOf: [] }, 'its schema has no type'],
  ])('is refused, naming the branch: %j', (schema, text) => {
    expect(() => toObjectSchema({ ...schema }, WHERE)).toThrow(McpConfigurationError);
    expect(() => toObjectSchema({ ...schema }, WHERE)).toThrow(text);
  });
});
