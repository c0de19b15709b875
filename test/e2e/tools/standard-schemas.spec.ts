import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { toJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import * as v from 'valibot';
import { z } from 'zod';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, resultOf } from '../nest/calls.js';

const zodInput = z.object({
  city: z.string().trim().min(2),
  days: z.coerce.number().int().default(1),
  tags: z.array(z.object({ name: z.string() })).optional(),
});
const valibotInput = v.object({
  city: v.pipe(v.string(), v.trim(), v.minLength(2)),
  days: v.optional(v.number(), 1),
  tags: v.optional(v.array(v.object({ name: v.string() }))),
});
const arktypeInput = type({
  city: 'string >= 2',
  'days?': 'number.integer',
  'tags?': type({ name: 'string' }).array(),
});
const asyncInput = z.object({ city: z.string().refine(async (city) => city !== 'Atlantis', 'sank') });

let calls = 0;

@Injectable()
class Tools {
  @McpTool({ input: zodInput })
  zod(args: z.infer<typeof zodInput>) {
    calls++;
    return args;
  }

  @McpTool({ input: valibotInput })
  valibot(args: v.InferOutput<typeof valibotInput>) {
    calls++;
    return args;
  }

  @McpTool({ input: arktypeInput })
  arktype(args: typeof arktypeInput.infer) {
    calls++;
    return args;
  }

  @McpTool({ input: asyncInput })
  later(args: z.infer<typeof asyncInput>) {
    return args;
  }

  @McpTool({
    input: z.object({
      city: z.string().transform((): string => {
        throw new Error('secret');
      }),
    }),
  })
  broken() {}
}

const LIBRARIES = ['zod', 'valibot', 'arktype'] as const;

describe('a tool with a Standard Schema', () => {
  let app: TestApp;
  let tools: any[];

  beforeAll(async () => {
    const schemaToJson = (schema: any, direction: 'input' | 'output') =>
      toJsonSchema(schema, { typeMode: direction, errorMode: 'ignore' }) as Record<string, unknown>;
    app = await startApp({ imports: [McpModule.forRoot({ schemaToJson })], providers: [Tools] });
    tools = await listTools(app);
  });
  afterAll(() => app.close());

  it.each(LIBRARIES)('publishes what clients may send: %s', (library) => {
    const { inputSchema } = tools.find(({ name }) => name === library);
    expect(inputSchema).toMatchObject({
      type: 'object',
      properties: { city: { type: 'string', minLength: 2 }, tags: { type: 'array' } },
      required: ['city'],
    });
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(LIBRARIES)('receives what the schema makes of the arguments: %s', async (library) => {
      const args = { city: 'Graz', tags: [{ name: 'south' }] };
      const { structuredContent } = await resultOf(app, library, { era, args });
      expect(structuredContent).toMatchObject(args);
      expect(structuredContent.days).toBe(library === 'arktype' ? undefined : 1);
    });

    it.each(LIBRARIES)(
      'refuses what does not fit, naming each path, without running: %s',
      async (library) => {
        const before = calls;
        const args = { city: 'G', tags: [{ name: 'ok' }, { name: 7 }] };
        const { isError, content } = await resultOf(app, library, { era, args });
        expect(isError).toBe(true);
        expect(content[0].text).toMatch(/^Invalid arguments:\n- /);
        expect(content[0].text).toContain('- city: ');
        expect(content[0].text).toContain('- tags.1.name: ');
        expect(calls).toBe(before);
      },
    );
  });

  it('waits for an asynchronous check', async () => {
    expect((await resultOf(app, 'later', { args: { city: 'Graz' } })).isError).toBeUndefined();
    const refused = await resultOf(app, 'later', { args: { city: 'Atlantis' } });
    expect(refused.content[0].text).toBe('Invalid arguments:\n- city: sank');
  });

  it('answers with a neutral tool error when the schema itself fails', async () => {
    const { isError, content } = await resultOf(app, 'broken', { args: { city: 'Graz' } });
    expect(isError).toBe(true);
    expect(content[0].text).toMatch(/^Internal error \(reference /);
  });
});
