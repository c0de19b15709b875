import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsDate, IsEnum, IsInt, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { McpModule, McpTool } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, resultOf, textOf } from '../nest/calls.js';

enum Unit {
  Celsius = 'celsius',
  Fahrenheit = 'fahrenheit',
}

class PlaceDto {
  @IsString()
  city!: string;

  get label(): string {
    return `in ${this.city}`;
  }
}

class ForecastDto {
  @ValidateNested({ each: true })
  @Type(() => PlaceDto)
  places!: PlaceDto[];

  @IsInt()
  @Min(1)
  @Type(() => Number)
  days: number = 1;

  @IsOptional()
  @IsEnum(Unit)
  unit?: Unit;

  @IsOptional()
  @IsDate()
  @Type(() => Date)
  from?: Date;

  @IsOptional()
  @IsString()
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : value))
  note?: string;
}

let calls = 0;

@Injectable()
class ForecastTools {
  @McpTool()
  forecast(args: ForecastDto) {
    calls++;
    return {
      isInstance: args instanceof ForecastDto,
      labels: args.places.map(({ label }) => label),
      days: args.days,
      year: args.from?.getUTCFullYear() ?? null,
      note: args.note ?? null,
      keys: Object.keys(JSON.parse(JSON.stringify(args))).toSorted(),
    };
  }

  @McpTool({ input: PlaceDto })
  explicit(args: unknown) {
    return (args as PlaceDto).label;
  }
}

describe('a tool with a DTO class', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [ForecastTools] });
  });
  afterAll(() => app.close());

  it('publishes its properties', async () => {
    const tool = (await listTools(app)).find(({ name }) => name === 'forecast');
    const place = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    expect(tool.inputSchema).toMatchObject({
      type: 'object',
      properties: {
        places: { type: 'array', items: place },
        days: { type: 'integer', minimum: 1 },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      },
    });
    expect(tool.inputSchema.required).toContain('places');
    expect(tool.inputSchema.required).not.toContain('unit');
    expect(tool).not.toHaveProperty('outputSchema');
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it('receives an instance, nested ones included, converted as decorated', async () => {
      const args = {
        places: [{ city: 'Graz' }, { city: 'Wien' }],
        days: '3',
        from: '2026-01-02T00:00:00Z',
        note: ' mild ',
        surplus: true,
      };
      const { structuredContent } = await resultOf(app, 'forecast', { era, args });
      expect(structuredContent).toEqual({
        isInstance: true,
        labels: ['in Graz', 'in Wien'],
        days: 3,
        year: 2026,
        note: 'mild',
        keys: ['days', 'from', 'note', 'places'],
      });
    });

    it('refuses what does not fit, naming each path, without running', async () => {
      const before = calls;
      const args = { places: [{ city: 'Graz' }, { city: 1 }], days: 0, unit: 'kelvin' };
      const result = await resultOf(app, 'forecast', { era, args });
      expect(result.isError).toBe(true);
      expect(result.content[0].text.split('\n')).toEqual([
        'Invalid arguments:',
        expect.stringMatching(/^- places\.1\.city: .*string/),
        expect.stringMatching(/^- days: .*1/),
        expect.stringMatching(/^- unit: /),
      ]);
      expect(calls).toBe(before);
    });
  });

  it('may be named where the compiler cannot record it', async () => {
    expect(await textOf(app, 'explicit', { args: { city: 'Graz' } })).toBe('in Graz');
  });
});
