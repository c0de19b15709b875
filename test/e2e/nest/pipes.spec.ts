import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  Injectable,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { McpArgs, McpContext, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { startApp, type TestApp } from '../../support/app.js';
import { resultOf, textOf } from './calls.js';

class PlaceDto {
  @IsString()
  city!: string;
}

class TripDto {
  @IsInt()
  days!: number;

  @ValidateNested()
  @Type(() => PlaceDto)
  to!: PlaceDto;
}

@Injectable()
class Places {
  readonly known = ['Graz'];
}

@Injectable()
class KnownPlacePipe implements PipeTransform {
  constructor(private readonly places: Places) {}

  transform(value: unknown, { type }: ArgumentMetadata) {
    if (type !== 'body') return value;
    if (!this.places.known.includes((value as { city: string }).city))
      throw new BadRequestException('Where?');
    return { ...(value as object), checked: true };
  }
}

const metadata: unknown[] = [];

class MetadataPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata) {
    metadata.push([type, metatype?.name, data]);
    return value;
  }
}

@Injectable()
class PipeTools {
  @McpTool()
  trip(args: TripDto, ctx: McpContext) {
    return {
      isTrip: args instanceof TripDto,
      isPlace: args.to instanceof PlaceDto,
      keys: Object.keys(args),
      isContext: ctx instanceof McpContext,
      log: typeof ctx.log.info,
    };
  }

  @McpTool({ input: z.object({ name: z.string().transform((name) => ({ first: name })) }) })
  zod(args: { name: { first: string } }, ctx: McpContext) {
    return { first: args.name.first, isContext: ctx instanceof McpContext };
  }

  @McpTool()
  plain(args: Record<string, unknown>) {
    return args;
  }

  @McpTool()
  @UsePipes(KnownPlacePipe)
  known(args: { city: string; checked: boolean }) {
    return args;
  }

  @McpTool({ input: { type: 'object' } })
  checkedByPipe(@McpArgs(new ValidationPipe({ expectedType: PlaceDto })) args: PlaceDto) {
    return args.city;
  }

  @McpTool()
  @UsePipes(MetadataPipe)
  described(@McpArgs() _trip: TripDto, @McpArgs('days') _days: number) {}
}

describe('pipes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ imports: [McpModule.forRoot()], providers: [Places, PipeTools] });
  });
  afterAll(() => app.close());

  it('run with what their module provides, and may change the arguments', async () => {
    const result = await resultOf(app, 'known', { args: { city: 'Graz' } });
    expect(result.structuredContent).toEqual({ city: 'Graz', checked: true });
  });

  it('refuse a call before the handler', async () => {
    expect(await resultOf(app, 'known', { args: { city: 'Atlantis' } })).toMatchObject({
      isError: true,
      content: [{ text: 'Where?' }],
    });
  });

  it('may follow @McpArgs()', async () => {
    expect(await textOf(app, 'checkedByPipe', { args: { city: 'Graz' } })).toBe('Graz');
    const refused = await resultOf(app, 'checkedByPipe', { args: { city: 1 } });
    expect(refused).toMatchObject({ isError: true, content: [{ text: 'city must be a string' }] });
  });

  it('take the arguments for a body, of the declared class', async () => {
    await resultOf(app, 'described', { args: { days: 1, to: { city: 'Graz' } } });
    expect(new Set(metadata)).toEqual(
      new Set([
        ['body', 'TripDto', undefined],
        ['body', 'Number', 'days'],
      ]),
    );
  });
});

describe.each([
  ['transforms', { transform: true }],
  ['transforms and whitelists', { transform: true, whitelist: true, forbidNonWhitelisted: true }],
  ['converts implicitly', { transform: true, transformOptions: { enableImplicitConversion: true } }],
  ['validates custom decorators', { transform: true, whitelist: true, validateCustomDecorators: true }],
])('a global ValidationPipe that %s', (_, options) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      imports: [McpModule.forRoot()],
      providers: [Places, PipeTools],
      configure: (created) => void created.useGlobalPipes(new ValidationPipe(options)),
    });
  });
  afterAll(() => app.close());

  it('leaves a DTO an instance and the context a context', async () => {
    const { structuredContent } = await resultOf(app, 'trip', { args: { days: 2, to: { city: 'Graz' } } });
    expect(structuredContent).toEqual({
      isTrip: true,
      isPlace: true,
      keys: ['days', 'to'],
      isContext: true,
      log: 'function',
    });
  });

  it('leaves alone what has no class', async () => {
    const zod = await resultOf(app, 'zod', { args: { name: 'Ada' } });
    expect(zod.structuredContent).toEqual({ first: 'Ada', isContext: true });
    const plain = await resultOf(app, 'plain', { args: { a: [1, { b: null }] } });
    expect(plain.structuredContent).toEqual({ a: [1, { b: null }] });
  });
});
