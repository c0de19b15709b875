import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, ValidationPipe } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, ValidateIf, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  InMemoryClientRequestAdapter,
  InMemorySessionAdapter,
  McpModule,
  McpTool,
  type McpContext,
} from 'nestjs-mcp-adapters';
import * as v from 'valibot';
import { z } from 'zod';
import type { SchemaSource } from '../../../lib/schema/schema-source.js';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { takeViolations } from '../../support/wire.js';
import { ERAS, listTools, resultOf } from '../nest/calls.js';
import { SessionClient } from '../../support/session-client.js';

class Inner {
  @IsOptional() @IsString() note?: string;
}

class SearchDto {
  @IsOptional() @IsString() query?: string;
  @IsOptional() @IsInt() limit?: number = 10;
  @IsOptional() @IsIn(['a', 'b']) sort?: string;
  @ValidateIf(({ range }: SearchDto) => range !== undefined) @IsInt() range?: number;
  @IsOptional() @Transform(({ value }) => (value as string).trim()) @IsString() trimmed?: string;
  @IsOptional() @IsString() @JSONSchema({ type: ['string', 'null'] }) clearable?: string | null;
  @IsOptional() @ValidateNested() inner?: Inner;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Inner) list?: Inner[];
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Inner) set?: Set<Inner>;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Inner) map?: Map<string, Inner>;
}

const inner = z.object({ note: z.string().optional() });
const zod = z.object({
  query: z.string().optional(),
  limit: z.int().default(10),
  sort: z.enum(['a', 'b']).optional(),
  range: z.int().optional(),
  trimmed: z.string().trim().optional(),
  clearable: z.string().nullable().optional(),
  inner: inner.optional(),
  list: z.array(inner).optional(),
  set: z.array(inner).optional(),
  map: z.record(z.string(), inner).optional(),
});

const raw = {
  type: 'object',
  properties: {
    query: { type: 'string' },
    limit: { type: 'integer' },
    sort: { enum: ['a', 'b'] },
    range: { $ref: '#/$defs/range' },
    trimmed: { allOf: [{ type: 'string' }] },
    clearable: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    inner: { $ref: '#/$defs/inner' },
    list: { type: 'array', items: { $ref: '#/$defs/inner' } },
    set: { type: 'array', prefixItems: [{ $ref: '#/$defs/inner' }], uniqueItems: true },
    map: { type: 'object', additionalProperties: { $ref: '#/$defs/inner' } },
  },
  additionalProperties: false,
  $defs: {
    range: { type: 'integer' },
    inner: { type: 'object', properties: { note: { type: 'string' } }, additionalProperties: false },
  },
};

const SOURCES: Readonly<Record<string, SchemaSource>> = { dto: SearchDto, zod, raw };

const NULLS = {
  query: null,
  limit: null,
  sort: null,
  range: null,
  trimmed: null,
  clearable: null,
  inner: { note: null },
  list: [{ note: null }, { note: 'a' }],
  set: [{ note: null }],
  map: { a: { note: null }, b: null },
};

const union = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('a'), note: z.string().optional() }),
  z.object({ kind: z.literal('b'), note: z.string().nullable().optional() }),
]);

function jsonOf(args: unknown): unknown {
  return JSON.parse(
    JSON.stringify(args, (_, value: unknown) => {
      if (value instanceof Map) return Object.fromEntries(value);
      return value instanceof Set ? [...value] : value;
    }),
  );
}

class Tools {
  @McpTool({ input: z.object({ of: union, clear: z.string().nullish() }) })
  choice(args: object) {
    return args;
  }

  @McpTool({ input: v.object({ note: v.optional(v.string(), 'none') }), name: 'valibot' })
  valibot(args: object) {
    return args;
  }

  @McpTool({ input: z.object({ needed: z.string(), list: z.array(z.string()).optional() }) })
  needed(args: object) {
    return args;
  }
}
Injectable()(Tools);

@Injectable()
class FormTools {
  @McpTool()
  async form(_args: object, ctx: McpContext) {
    const schemas: SchemaSource[] = [FormDto, z.object({ note: z.string().default('none') }), FORM];
    const answers: unknown[] = [];
    for (const schema of schemas) {
      const { content } = await ctx.elicit({ message: 'Note?', schema });
      answers.push(jsonOf(content));
    }
    return { answers };
  }
}

class FormDto {
  @IsOptional() @IsString() note?: string = 'none';
}

const FORM = { type: 'object', properties: { note: { type: 'string' } } };

for (const [name, input] of Object.entries(SOURCES)) {
  const descriptor = { value: (args: unknown) => ({ seen: jsonOf(args) }), configurable: true };
  Object.defineProperty(Tools.prototype, name, descriptor);
  McpTool({ input })(Tools.prototype, name, descriptor);
}

describe.each(PLATFORMS)('null for an optional argument, on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [
        McpModule.forRoot({
          schemaToJson: () => ({ type: 'object', properties: { note: { type: 'string' } } }),
        }),
      ],
      providers: [Tools],
      configure: (created) => void created.useGlobalPipes(new ValidationPipe({ transform: true })),
    });
  });
  afterAll(() => app.close());

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(Object.keys(SOURCES))(
      'is not given, however deep, unless %s publishes that it may be null',
      async (name) => {
        const { structuredContent } = await resultOf(app, name, { era, args: NULLS });
        expect(structuredContent.seen).toEqual({
          ...(name !== 'raw' && { limit: 10 }),
          clearable: null,
          inner: {},
          list: [{}, { note: 'a' }],
          set: [{}],
          map: { a: {} },
        });
      },
    );

    it('is judged by the branch of a union that the value belongs to', async () => {
      const seen = async (args: Record<string, unknown>) =>
        (await resultOf(app, 'choice', { era, args })).structuredContent;
      expect(await seen({ of: { kind: 'a', note: null }, clear: null })).toEqual({
        of: { kind: 'a' },
        clear: null,
      });
      expect(await seen({ of: { kind: 'b', note: null } })).toEqual({ of: { kind: 'b', note: null } });
    });

    it('lets the defaults of a library apply whose schemas the application describes', async () => {
      const result = await resultOf(app, 'valibot', { era, args: { note: null } });
      expect(result.structuredContent).toEqual({ note: 'none' });
    });

    it('is refused where a value is required, and as an item of a list', async () => {
      for (const args of [{ needed: null }, { needed: 'a', list: [null] }]) {
        expect(await resultOf(app, 'needed', { era, args })).toMatchObject({ isError: true });
      }
    });
  });

  it('is published as it is accepted', async () => {
    const dto = (await listTools(app)).find(({ name }) => name === 'dto');
    expect(dto.inputSchema.properties.query).toEqual({ type: 'string' });
    expect(dto.inputSchema.properties.clearable.type).toEqual(['string', 'null']);
  });

  it('is not given in the answer to a form, either', async () => {
    const asking = await startApp({
      platform,
      imports: [
        McpModule.forRoot({
          sessionAdapter: new InMemorySessionAdapter(),
          clientRequestAdapter: new InMemoryClientRequestAdapter(),
        }),
      ],
      providers: [FormTools],
    });
    const client = await SessionClient.open(asking, { capabilities: { elicitation: {} } });
    const call = client.begin('form');
    const asked = new Set<unknown>();
    for (let index = 0; index < 3; index++) {
      const question = await call.message(
        ({ method, id }: any) => method === 'elicitation/create' && !asked.has(id),
      );
      asked.add(question.id);
      await client.answer(question, { action: 'accept', content: { note: null } });
    }
    const { result } = await call.message((message) => 'result' in message);
    // The specification knows no null in an answer, but clients do.
    expect(takeViolations()).toHaveLength(3);
    expect(result.structuredContent).toEqual({ answers: [{ note: 'none' }, { note: 'none' }, {}] });
    await asking.close();
  });
});
