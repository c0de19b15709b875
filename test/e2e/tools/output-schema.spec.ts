import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsDate, IsInt } from 'class-validator';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, MemoryLogger, resultOf } from '../nest/calls.js';

class ReportDto {
  @IsInt()
  degrees!: number;

  @IsDate()
  @Type(() => Date)
  at!: Date;
}

const jsonSchema = { type: 'object', properties: { degrees: { type: 'integer' } }, required: ['degrees'] };
const zodSchema = z.object({ degrees: z.number(), unit: z.string().default('celsius') });

@Injectable()
class Tools {
  @McpTool({ output: jsonSchema })
  json(args: { value: unknown }) {
    return args.value;
  }

  @McpTool({ output: zodSchema })
  zod(args: { value: unknown }) {
    return args.value;
  }

  @McpTool({ output: ReportDto })
  dto(args: { value: unknown }) {
    return args.value;
  }

  @McpTool({ output: z.array(z.number()) })
  list(args: { value: unknown }) {
    return args.value;
  }

  @McpTool()
  free() {
    return { any: 'thing' };
  }
}

describe('a tool with an output schema', () => {
  const logger = new MemoryLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot({ logger })], providers: [Tools] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logger.lines.splice(0));

  describe.each(ERAS)('in the %s era', (era) => {
    const give = (name: string, value: unknown) => resultOf(app, name, { era, args: { value } });

    it('is listed with it, and without one where it has none', async () => {
      const tools = await listTools(app, era);
      const schemas = Object.fromEntries(tools.map(({ name, outputSchema }) => [name, outputSchema]));
      expect(schemas['json']).toEqual(jsonSchema);
      expect(schemas['zod']).toMatchObject({ type: 'object', required: ['degrees', 'unit'] });
      expect(schemas['dto']).toMatchObject({ type: 'object', properties: { degrees: { type: 'integer' } } });
      expect(tools.find(({ name }) => name === 'free')).not.toHaveProperty('outputSchema');
    });

    it('has a schema that is no object on modern only', async () => {
      const { outputSchema } = (await listTools(app, era)).find(({ name }) => name === 'list');
      expect(outputSchema?.type).toBe(era === 'modern' ? 'array' : undefined);
      const result = await give('list', [1, 2]);
      expect(result.structuredContent).toEqual(era === 'modern' ? [1, 2] : undefined);
      expect(result.content).toEqual([{ type: 'text', text: '[1,2]' }]);
    });

    it.each(['json', 'zod', 'dto'])('answers with a value that fits: %s', async (name) => {
      const value = { degrees: 3, unit: 'kelvin', at: '2026-01-02T00:00:00.000Z' };
      const { structuredContent, content, isError } = await give(name, value);
      expect(isError).toBeUndefined();
      expect(structuredContent).toMatchObject({ degrees: 3 });
      expect(JSON.parse(content[0].text)).toEqual(structuredContent);
    });

    it('sends what the schema makes of the value, as it has published it', async () => {
      const { structuredContent, content } = await give('zod', { degrees: 3, surplus: 'internal' });
      expect(structuredContent).toEqual({ degrees: 3, unit: 'celsius' });
      expect(content).toEqual([{ type: 'text', text: '{"degrees":3,"unit":"celsius"}' }]);
    });

    it('keeps the content of a full result', async () => {
      const content = [{ type: 'text', text: 'three degrees' }];
      const result = await give('zod', { content, structuredContent: { degrees: 3 } });
      expect(result).toMatchObject({ content, structuredContent: { degrees: 3, unit: 'celsius' } });
    });

    it.each([
      ['json', { degrees: 'three' }],
      ['json', 'no structure at all'],
      ['json', { content: [{ type: 'text', text: 'a full result without structure' }] }],
      ['zod', { degrees: 'three' }],
      ['dto', { degrees: 3, at: 'yesterday' }],
      ['list', ['a']],
    ])('makes a logged tool error of a value that does not fit: %s, %j', async (name, value) => {
      const result = await give(name, value);
      const text = `Tool ${name} returned a value that does not fit its output schema`;
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text }] });
      expect(result).not.toHaveProperty('structuredContent');
      expect(logger.of('error')).toEqual([expect.stringContaining(text)]);
    });

    it('may fail without any structure', async () => {
      const content = [{ type: 'text', text: 'station is off' }];
      const result = await give('json', { content, structuredContent: { degrees: 1 }, isError: true });
      expect(result).toMatchObject({ isError: true, content });
      expect(result).not.toHaveProperty('structuredContent');
      expect(logger.of('error')).toEqual([]);
    });
  });
});
