import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Injectable, Post, Scope, UsePipes, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Expose, Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { McpArgs, McpModule, McpRegistry, McpTool } from 'nestjs-mcp-adapters';
import { PLATFORMS, startApp, type AppOptions, type TestApp } from '../../support/app.js';
import { ERAS, listTools, resultOf } from '../nest/calls.js';
import { FEATURES } from './dto-features.js';

/** A value with the classes that JSON does not tell. */
function describeValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return ['Date', value.toISOString()];
  if (value instanceof Map) return ['Map', ...[...value].map(([key, held]) => [key, describeValue(held)])];
  if (Array.isArray(value) || value instanceof Set) {
    return [value.constructor.name, ...[...(value as unknown[])].map(describeValue)];
  }
  const entries = Object.entries(value).map(([key, held]) => [key, describeValue(held)]);
  return { class: value.constructor.name, ...(Object.fromEntries(entries) as object) };
}

/** The same handler for each feature, as tools or as routes. */
function handlersOf(decorate: (target: object, name: string, descriptor: PropertyDescriptor) => void) {
  class Handlers {}
  for (const [name, [dto]] of Object.entries(FEATURES)) {
    const descriptor: PropertyDescriptor = {
      value: (args: unknown) => ({ seen: describeValue(args) }),
      configurable: true,
      writable: true,
    };
    Object.defineProperty(Handlers.prototype, name, descriptor);
    Reflect.defineMetadata('design:paramtypes', [dto], Handlers.prototype, name);
    decorate(Handlers.prototype, name, descriptor);
  }
  return Handlers;
}

const Tools = handlersOf((target, name, descriptor) => void McpTool()(target, name, descriptor));
Injectable()(Tools);

const Routes = handlersOf((target, name, descriptor) => {
  Post(name)(target, name, descriptor);
  Body()(target, name, 0);
});
Controller('routes')(Routes);

class LoggingPipe extends ValidationPipe {}

const globally = (pipe: ValidationPipe): Partial<AppOptions> => ({
  configure: (app) => void app.useGlobalPipes(pipe),
});
const TRANSFORM = { transform: true };
const WHITELIST = { transform: true, whitelist: true };
const FORBID = { ...WHITELIST, forbidNonWhitelisted: true };

const SETTINGS: readonly [string, Partial<AppOptions>][] = [
  ['no pipe', {}],
  ['a pipe without options', globally(new ValidationPipe())],
  ['transform', globally(new ValidationPipe(TRANSFORM))],
  ['whitelist alone', globally(new ValidationPipe({ whitelist: true }))],
  ['transform and whitelist', globally(new ValidationPipe(WHITELIST))],
  ['a pipe of a subclass', globally(new LoggingPipe(TRANSFORM))],
  [
    'a pipe of a module',
    { providers: [Tools, { provide: APP_PIPE, useValue: new ValidationPipe(TRANSFORM) }] },
  ],
  [
    'a request-scoped pipe',
    {
      providers: [
        Tools,
        { provide: APP_PIPE, scope: Scope.REQUEST, useFactory: () => new ValidationPipe(TRANSFORM) },
      ],
    },
  ],
  ['forbidNonWhitelisted', globally(new ValidationPipe(FORBID))],
];

describe('a DTO means for a tool what it means for a route with ValidationPipe', () => {
  const reference: Record<string, unknown[]> = {};

  beforeAll(async () => {
    const app = await startApp({
      controllers: [Routes],
      wire: false,
      ...globally(new ValidationPipe(WHITELIST)),
    });
    for (const [name, [, values]] of Object.entries(FEATURES)) {
      reference[name] = await Promise.all(
        values.map(async (value) => {
          const response = await fetch(`${app.origin}/routes/${name}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(value),
          });
          // An exception of a @Transform() is an internal error of a route, and bad input of a tool.
          return response.ok ? ((await response.json()) as { seen: unknown }).seen : 'refused';
        }),
      );
    }
    await app.close();
  });

  describe.each(PLATFORMS)('on %s', (platform) => {
    it.each(SETTINGS)('with %s', async (_, options) => {
      const app = await startApp({
        platform,
        imports: [McpModule.forRoot()],
        providers: [Tools],
        ...options,
      });
      try {
        for (const era of ERAS) {
          for (const [name, [, values]] of Object.entries(FEATURES)) {
            const seen = await Promise.all(
              values.map(async (args) => {
                const result = await resultOf(app, name, { era, args: args as Record<string, unknown> });
                return result.isError ? 'refused' : result.structuredContent.seen;
              }),
            );
            expect({ [name]: seen }).toEqual({ [name]: reference[name] });
          }
        }
      } finally {
        await app.close();
      }
    });
  });

  it('compares values that are accepted and values that are refused', () => {
    const all = Object.values(reference).flat();
    expect(all.filter((seen) => seen === 'refused').length).toBeGreaterThan(10);
    expect(all.filter((seen) => seen !== 'refused').length).toBeGreaterThan(10);
  });
});

class InnerDto {
  @Transform(({ value }) => (value as number) * 100) @IsInt() cents!: number;
}

class StatusDto {
  @IsOptional() @IsString() status?: string;
  @IsOptional() @ValidateNested() inner?: InnerDto;
  @IsOptional() @Expose({ name: 'full_name' }) @IsString() fullName?: string;
}

class OpenDto {}

@Injectable()
class StatusTools {
  @McpTool()
  list(args: StatusDto) {
    return { ...args };
  }

  @McpTool({ input: StatusDto })
  @UsePipes(new ValidationPipe(TRANSFORM))
  piped(@McpArgs('inner', new ValidationPipe(TRANSFORM)) inner: InnerDto) {
    return { cents: inner.cents };
  }

  @McpTool()
  open(args: OpenDto) {
    return { ...args };
  }

  @McpTool({ input: { type: 'object' } })
  raw(args: Record<string, unknown>) {
    return args;
  }
}

describe.each(PLATFORMS)('forbidNonWhitelisted of a global ValidationPipe, on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({
      platform,
      imports: [McpModule.forRoot()],
      providers: [StatusTools],
      ...globally(new ValidationPipe(FORBID)),
    });
    await app.app
      .get(McpRegistry, { strict: false })
      .addTool({ name: 'added', input: StatusDto }, (args: object) => ({ ...args }));
  });
  afterAll(() => app.close());

  it.each(['list', 'added'])('is published by %s', async (tool) => {
    const { inputSchema } = (await listTools(app)).find(({ name }) => name === tool);
    expect(inputSchema.additionalProperties).toBe(false);
    expect(JSON.stringify(inputSchema).match(/"additionalProperties":false/g)).toHaveLength(2);
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(['list', 'added'])('refuses a name that is misspelled, wherever it is: %s', async (name) => {
      const refused = await resultOf(app, name, { era, args: { stauts: 'shipped' } });
      expect(refused).toMatchObject({
        isError: true,
        content: [{ text: 'Invalid arguments:\n- stauts: is not allowed' }],
      });
      const nested = await resultOf(app, name, { era, args: { inner: { cents: 1, currency: 'EUR' } } });
      expect(nested.content[0].text).toBe('Invalid arguments:\n- inner.currency: is not allowed');
      const fine = await resultOf(app, name, { era, args: { status: 'a', full_name: 'b' } });
      expect(fine.structuredContent).toEqual({ status: 'a', fullName: 'b' });
    });

    it('leaves what has no class, and a class without decorators, as open as they are', async () => {
      for (const name of ['open', 'raw']) {
        expect((await resultOf(app, name, { era, args: { a: 1 } })).structuredContent).toEqual({ a: 1 });
      }
    });

    it('converts once under pipes of class, method and parameter, too', async () => {
      const { structuredContent } = await resultOf(app, 'piped', { era, args: { inner: { cents: 2 } } });
      expect(structuredContent).toEqual({ cents: 200 });
    });
  });
});

it('whitelist without forbidNonWhitelisted removes what is surplus', async () => {
  const app = await startApp({
    imports: [McpModule.forRoot()],
    providers: [StatusTools],
    ...globally(new ValidationPipe({ whitelist: true })),
  });
  const result = await resultOf(app, 'list', { args: { stauts: 'shipped', status: 'x' } });
  expect(result.structuredContent).toEqual({ status: 'x' });
  await app.close();
});
