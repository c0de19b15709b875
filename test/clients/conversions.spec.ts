import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { CatalogueModule } from '../../sample/15-tools/catalogue/catalogue.module.js';
import { startApp, type TestApp } from '../support/app.js';
import { installIn } from '../support/install.js';

class LineDto {
  @ApiProperty({ description: 'What is ordered' })
  @Matches(/^[A-Z]{2}-\d+$/)
  article!: string;

  @IsInt()
  @Min(1)
  @Max(99)
  count: number = 1;
}

class AddressDto {
  @IsString()
  street!: string;

  @IsIn(['PT', 'ES'])
  country!: 'PT' | 'ES';
}

class OrderDto {
  @ApiProperty({ description: 'Where it goes' })
  @ValidateNested()
  @Type(() => AddressDto)
  to!: AddressDto;

  @ValidateNested()
  @Type(() => AddressDto)
  @IsOptional()
  from?: AddressDto;

  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => LineDto)
  lines!: LineDto[];

  @IsEmail()
  contact!: string;

  @IsISO8601()
  @IsOptional()
  on?: string;

  @IsBoolean()
  @IsOptional()
  urgent?: boolean;
}

const Zod = z.object({
  shape: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('circle'), radius: z.number().positive() }),
    z.object({ kind: z.literal('square'), side: z.number().positive() }),
  ]),
  note: z.string().nullable().optional().describe('Anything else'),
  tags: z.record(z.string(), z.int()),
  point: z.tuple([z.number(), z.number()]),
});

const PLAIN = {
  type: 'object',
  $defs: {
    node: { type: 'object', properties: { next: { $ref: '#/$defs/node' }, value: { type: 'integer' } } },
  },
  properties: { list: { $ref: '#/$defs/node' }, level: { enum: [1, 2, 3], default: 2 } },
  required: ['list'],
};

@Injectable()
class HardTools {
  @McpTool({ name: 'order', description: 'Order something' })
  order(_order: OrderDto) {
    return '';
  }

  @McpTool({ name: 'draw', description: 'Draw something', input: Zod })
  draw(_args: z.infer<typeof Zod>) {
    return '';
  }

  @McpTool({ name: 'walk', description: 'Walk a list', input: PLAIN })
  walk(_args: object) {
    return '';
  }
}

interface Converted {
  readonly description?: string;
  readonly schema?: Record<string, any>;
}

interface Tool {
  readonly name: string;
  readonly listed: Converted;
  readonly gemini: Converted;
  readonly openai: Converted;
  readonly openaiStrict: Converted;
}

const NODES = join(import.meta.dirname, '../node-versions');
let app: TestApp;
let tools: Tool[];

beforeAll(async () => {
  await Promise.all([installIn(import.meta.dirname), installIn(NODES)]);
  app = await startApp({ imports: [McpModule.forRoot(), CatalogueModule], providers: [HardTools] });
  const { stdout } = await promisify(execFile)(
    join(NODES, 'node_modules/node-24/bin/node'),
    ['convert.mjs', app.url],
    { cwd: import.meta.dirname, timeout: 120_000, env: { PATH: process.env['PATH'] } },
  );
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  tools = lines.map((line) => JSON.parse(line) as Tool);
}, 240_000);

afterAll(() => app?.close());

it('every tool of the list is converted', () => {
  expect(tools.map(({ name }) => name).toSorted()).toEqual(
    [
      ...['browse_subjects', 'get_availability', 'reserve_book', 'search_books', 'take_stock'],
      ...['draw', 'order', 'walk'],
    ].toSorted(),
  );
});

describe.each(['gemini', 'openai', 'openaiStrict'] as const)('the conversion for %s', (kind) => {
  it('loses no tool and no description', () => {
    for (const tool of tools) expect(tool[kind].description).toBe(tool.listed.description);
  });

  it('loses no field, wherever it is, and nothing that is known of its values', () => {
    const losses = tools.flatMap(({ name, listed, [kind]: converted }) =>
      factsOf(listed.schema)
        .filter((fact) => !factsOf(converted.schema).includes(fact))
        .map((fact) => `${name}: ${fact}`),
    );
    expect(losses).toEqual([]);
  });
});

/** Names of properties, descriptions and values of enumerations, at any depth. */
function factsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(factsOf);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'properties') {
      return Object.entries(value as object).flatMap(([name, each]) => [
        `property ${name}`,
        ...factsOf(each),
      ]);
    }
    if (key === 'description') return [`description ${String(value)}`];
    if (key === 'enum') return (value as unknown[]).map((each) => `value ${String(each)}`);
    return factsOf(value);
  });
}
