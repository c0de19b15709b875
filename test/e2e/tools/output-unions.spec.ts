import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { type } from 'arktype';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { z } from 'zod';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, MemoryLogger, resultOf } from '../nest/calls.js';

const found = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] };
const missing = { type: 'object', properties: { reason: { type: 'string' } }, required: ['reason'] };

const UNIONS = {
  zod: z.union([z.object({ id: z.int() }), z.object({ reason: z.string() })]),
  zodDiscriminated: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('found'), id: z.int() }),
    z.object({ kind: z.literal('missing'), reason: z.string() }),
  ]),
  valibot: toStandardJsonSchema(v.union([v.object({ id: v.number() }), v.object({ reason: v.string() })])),
  arktype: type({ id: 'number' }).or({ reason: 'string' }),
  anyOf: { anyOf: [found, missing] },
  oneOf: { oneOf: [found, missing] },
  reference: { $ref: '#/$defs/answer', $defs: { answer: { anyOf: [found, missing] } } },
  mixed: z.union([z.object({ id: z.int() }), z.string()]),
  mixedRaw: { anyOf: [found, { type: 'string' }] },
};

const OBJECT = { kind: 'found', id: 1 };

@Injectable()
class Tools {
  @McpTool({ output: { ...UNIONS.anyOf, type: 'object' } }) typed() {
    return OBJECT;
  }
}
for (const [name, output] of Object.entries(UNIONS)) {
  const value = ({ value }: { value: unknown }) => value;
  const descriptor = { value, configurable: true };
  Object.defineProperty(Tools.prototype, name, descriptor);
  McpTool({ name, input: { type: 'object' }, output })(Tools.prototype, name, descriptor);
}

/** The number of branches at the root of a schema, or of what it refers to. */
function branchesOf({ anyOf, oneOf, $defs }: any): number {
  return (anyOf ?? oneOf ?? $defs.answer.anyOf).length;
}

describe.each(PLATFORMS)('a union as output, on %s', (platform) => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot({ logger })], providers: [Tools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    const unions = Object.keys(UNIONS);
    const outputSchemas = async () =>
      Object.fromEntries((await listTools(app, era)).map(({ name, outputSchema }) => [name, outputSchema]));

    it('is published to clients that may have any schema, and to no other', async () => {
      const published = await outputSchemas();
      for (const name of unions) {
        if (era === 'legacy') expect([name, published[name]]).toEqual([name, undefined]);
        else expect([name, branchesOf(published[name])]).toEqual([name, 2]);
      }
    });

    it('is published to all where its root says that it is an object', async () => {
      const { typed } = await outputSchemas();
      expect(typed).toEqual({ type: 'object', anyOf: [found, missing] });
    });

    it.each(unions)('takes an object of one branch, which every client gets: %s', async (name) => {
      const { structuredContent, isError } = await resultOf(app, name, { era, args: { value: OBJECT } });
      expect(isError).toBeUndefined();
      expect(structuredContent).toMatchObject({ id: 1 });
    });

    it.each(['mixed', 'mixedRaw'])('sends what is no object as text to older clients: %s', async (name) => {
      const result = await resultOf(app, name, { era, args: { value: 'gone' } });
      expect(result.content).toEqual([{ type: 'text', text: 'gone' }]);
      expect(result.structuredContent).toBe(era === 'modern' ? 'gone' : undefined);
    });

    it.each(unions)('refuses what fits no branch: %s', async (name) => {
      const result = await resultOf(app, name, { era, args: { value: 5 } });
      expect(result.isError).toBe(true);
      expect(result).not.toHaveProperty('structuredContent');
      expect(logger.of('error')).toHaveLength(1);
    });
  });
});
