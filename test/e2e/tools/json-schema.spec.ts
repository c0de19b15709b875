import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { legacy, modern } from '../../support/http.js';
import { call, ERAS, resultOf } from '../nest/calls.js';

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:example:weather',
  $comment: 'ümläut and "quotes" survive',
  title: 'Weather',
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region', examples: ['eu-1'] },
    kind: { enum: ['now', 'later'], default: 'now' },
    at: { $ref: '#moment' },
    place: { $ref: '#/$defs/place' },
    level: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5 },
  },
  required: ['region'],
  if: { properties: { kind: { const: 'later' } }, required: ['kind'] },
  then: { required: ['at'] },
  else: { properties: { at: false } },
  dependentRequired: { level: ['place'] },
  unevaluatedProperties: false,
  $defs: {
    moment: { $anchor: 'moment', type: 'string', format: 'date-time' },
    place: { type: 'object', properties: { city: { type: 'string', pattern: '^\\p{Lu}' } } },
  },
  'x-vendor': { deep: [1, 2.5, null, true, { a: '' }] },
};

@Injectable()
class Tools {
  @McpTool({ input: schema })
  weather(args: Record<string, unknown>) {
    return args;
  }

  @McpTool()
  anything(args: Record<string, unknown>) {
    return args;
  }

  @McpTool()
  nothing() {}
}

describe('a tool with a raw JSON Schema', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [Tools] });
  });
  afterAll(() => app.close());

  const headers = { 'mcp-param-region': 'eu-1' };

  it.each(ERAS)('is listed with every keyword, byte for byte, in the %s era', async (era) => {
    const listing = era === 'legacy' ? app.post(legacy('tools/list')) : app.post(...modern('tools/list'));
    expect((await listing).text).toContain(`"inputSchema":${JSON.stringify(schema)}`);
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it('receives arguments that fit, as they were sent', async () => {
      const args = { region: 'eu-1', kind: 'later', at: '2026-01-02T00:00:00Z', place: { city: 'Graz' } };
      const { structuredContent } = await resultOf(app, 'weather', { era, args, headers });
      expect(structuredContent).toEqual(args);
    });

    it.each([
      [{ kind: 'later' }, '- at: is required'],
      [{ at: '2026-01-02T00:00:00Z' }, '- at: '],
      [{ level: 0.5 }, 'place'],
      [{ level: 0.3, place: {} }, '- level: '],
      [{ place: { city: 'graz' } }, '- place.city: '],
      [{ surplus: 1 }, '- surplus: is not allowed'],
    ])('refuses %j', async (given, text) => {
      const args = { region: 'eu-1', ...given };
      const { isError, content } = await resultOf(app, 'weather', { era, args, headers });
      expect(isError).toBe(true);
      expect(content[0].text).toContain(text);
    });
  });

  it('is refused by modern clients that do not repeat a header parameter', async () => {
    const { status, json } = await call(app, 'weather', { args: { region: 'eu-1' } });
    expect([status, json.error.code]).toEqual([400, -32020]);
  });

  it('takes any object when its parameter has no class', async () => {
    const args = { a: { b: [null, 1] }, constructor: 'x' };
    expect((await resultOf(app, 'anything', { args })).structuredContent).toEqual(args);
  });

  it('takes nothing when it has no parameter', async () => {
    expect(await resultOf(app, 'nothing')).toMatchObject({ content: [] });
    const { content } = await resultOf(app, 'nothing', { args: { a: 1 } });
    expect(content[0].text).toBe('Invalid arguments:\n- a: is not allowed');
  });
});
