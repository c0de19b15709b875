import { describe, expect, it } from '@jest/globals';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { headerParameters } from '../../../lib/schema/header-parameters.js';
import type { JsonSchema } from '../../../lib/schema/schema.js';
import { WHERE } from './support.js';

const REGION = { type: 'string', 'x-mcp-header': 'Region' };

describe('headerParameters', () => {
  it('collects annotated properties at any depth of properties', () => {
    const schema = {
      type: 'object',
      properties: {
        region: REGION,
        query: { type: 'string' },
        page: { type: 'object', properties: { size: { type: 'integer', 'x-mcp-header': 'Page-Size' } } },
        dry: { type: 'boolean', 'x-mcp-header': 'DRY' },
      },
    };
    expect(headerParameters(schema, WHERE)).toEqual([
      { header: 'mcp-param-region', path: ['region'], type: 'string' },
      { header: 'mcp-param-page-size', path: ['page', 'size'], type: 'integer' },
      { header: 'mcp-param-dry', path: ['dry'], type: 'boolean' },
    ]);
  });

  it('finds none in a schema without annotations, nor in data and names', () => {
    const schema = {
      properties: {
        'x-mcp-header': { type: 'string' },
        a: { default: { 'x-mcp-header': 'A' }, items: true },
      },
    };
    expect(headerParameters(schema, WHERE)).toEqual([]);
  });

  it.each<[string, JsonSchema]>([
    ['empty', { type: 'string', 'x-mcp-header': '' }],
    ['with a space', { type: 'string', 'x-mcp-header': 'My Region' }],
    ['with a colon', { type: 'string', 'x-mcp-header': 'Region:' }],
    ['with a line feed', { type: 'string', 'x-mcp-header': 'Region\n' }],
    ['with CR LF', { type: 'string', 'x-mcp-header': 'a\r\nb' }],
    ['outside ASCII', { type: 'string', 'x-mcp-header': 'Région' }],
    ['that is no text', { type: 'string', 'x-mcp-header': 1 }],
    ['on a number', { type: 'number', 'x-mcp-header': 'N' }],
    ['on an object', { type: 'object', 'x-mcp-header': 'O' }],
    ['on a union of types', { type: ['string', 'null'], 'x-mcp-header': 'S' }],
    ['without a type', { 'x-mcp-header': 'S' }],
  ])('refuses a name %s', (_, annotated) => {
    const collect = () => headerParameters({ type: 'object', properties: { p: annotated } }, WHERE);
    expect(collect).toThrow(McpConfigurationError);
    expect(collect).toThrow(/^WeatherTools\.getWeather input: x-mcp-header .*"p"/);
  });

  it('refuses names that differ in case only', () => {
    const properties = {
      a: REGION,
      b: { type: 'object', properties: { c: { ...REGION, 'x-mcp-header': 'REGION' } } },
    };
    expect(() => headerParameters({ properties }, WHERE)).toThrow('unique ignoring case');
  });

  it.each<[string, JsonSchema]>([
    ['at the root', REGION],
    ['under items', { properties: { a: { items: REGION } } }],
    ['under properties inside items', { properties: { a: { items: { properties: { b: REGION } } } } }],
    ['under prefixItems', { properties: { a: { prefixItems: [REGION] } } }],
    ['under oneOf', { oneOf: [{ properties: { a: REGION } }] }],
    ['under allOf', { allOf: [{ properties: { a: REGION } }] }],
    ['under not', { not: { properties: { a: REGION } } }],
    ['under then', { then: { properties: { a: REGION } } }],
    ['under $defs', { properties: { a: { $ref: '#/$defs/r' } }, $defs: { r: REGION } }],
    ['under additionalProperties', { additionalProperties: REGION }],
    ['under patternProperties', { patternProperties: { '^a': REGION } }],
    ['under dependentSchemas', { dependentSchemas: { a: { properties: { b: REGION } } } }],
  ])('refuses an annotation %s', (_, schema) => {
    const collect = () => headerParameters(schema, WHERE);
    expect(collect).toThrow(McpConfigurationError);
    expect(collect).toThrow('reachable from the root through "properties" alone');
  });
});
