import { expect, it } from '@jest/globals';
import { isLinear } from '../../../lib/schema/explosive-schema.js';

const text = { type: 'string', maxLength: 100_000, description: 'Anything' };

it.each([
  { type: 'object', properties: { text }, required: ['text'], additionalProperties: false },
  { type: 'object', properties: { list: { type: 'array', items: text, maxItems: 10 } } },
  { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
])('takes no longer than in proportion to a value: %j', (schema) => {
  expect(isLinear(schema)).toBe(true);
});

it.each([
  { type: 'object', properties: { text: { type: 'string', pattern: '^a+$' } } },
  { type: 'object', properties: { text: { type: 'string', format: 'uri' } } },
  { type: 'object', properties: { list: { type: 'array', uniqueItems: true } } },
  { type: 'object', properties: { any: { anyOf: [text, { type: 'number' }] } } },
  { type: 'object', properties: { self: { $ref: '#' } } },
  { type: 'object', patternProperties: { '^x': text } },
  { type: 'object', properties: { some: { allOf: [{ items: { pattern: 'a' } }] } } },
])('may take longer: %j', (schema) => {
  expect(isLinear(schema)).toBe(false);
});
