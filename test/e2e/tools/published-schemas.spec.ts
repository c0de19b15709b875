import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Body,
  Injectable,
  Next,
  Param,
  ParseIntPipe,
  UploadedFile,
  type Type as Class,
} from '@nestjs/common';
import { type as arktype } from 'arktype';
import { IsDateString, IsString } from 'class-validator';
import { McpArgs, McpConfigurationError, McpCtx, McpModule, McpTool } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { PLATFORMS, startApp, type TestApp } from '../../support/app.js';
import { ERAS, listTools, resultOf } from '../nest/calls.js';

const ADD = { type: 'object', properties: { add: { type: 'number' } }, required: ['add'] };
const DROP = { type: 'object', properties: { drop: { type: 'string' } }, required: ['drop'] };

class DayDto {
  @IsDateString() day!: string;
}

class TextDto {
  @IsString() text!: string;
}

@Injectable()
class UnionTools {
  @McpTool({
    input: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), a: z.number() }),
      z.object({ kind: z.literal('b'), b: z.string() }),
    ]),
  })
  zod(args: object) {
    return args;
  }

  @McpTool({ input: arktype({ add: 'number' }).or({ drop: 'string' }) })
  arktype(args: object) {
    return args;
  }

  @McpTool({ input: { oneOf: [ADD, { $ref: '#/$defs/drop' }], $defs: { drop: DROP } } })
  raw(args: object) {
    return args;
  }

  @McpTool({ input: { $ref: '#/$defs/add', $defs: { add: ADD } } })
  reference(args: object) {
    return args;
  }

  @McpTool()
  nothing() {}

  @McpTool()
  contextAlone(@McpCtx() _ctx: unknown) {}

  @McpTool()
  oneOfThem(@McpCtx() _ctx: unknown, @McpArgs('id') _id: unknown) {}

  @McpTool()
  day(args: DayDto) {
    return args.day;
  }
}

describe.each(PLATFORMS)('published schemas on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [UnionTools] });
  });
  afterAll(() => app.close());

  it('are objects with properties at the root, unions and references included', async () => {
    for (const { inputSchema } of await listTools(app)) {
      expect(inputSchema).toMatchObject({ type: 'object', properties: expect.any(Object) });
    }
  });

  it('take nothing where a handler has no parameter for arguments', async () => {
    const tools = await listTools(app);
    const closed = tools.filter(({ inputSchema }) => inputSchema.additionalProperties === false);
    expect(closed.map(({ name }) => name).sort()).toEqual(['contextAlone', 'nothing']);
  });

  it('say what a date may be in typed branches', async () => {
    const tools = await listTools(app);
    expect(tools.find(({ name }) => name === 'day').inputSchema.properties.day).toEqual({
      anyOf: [
        { type: 'string', format: 'date-time' },
        { type: 'string', format: 'date' },
      ],
    });
  });

  describe.each(ERAS)('in the %s era', (era) => {
    it.each([
      ['zod', { kind: 'b', b: 'x' }, { kind: 'b', b: 1 }],
      ['arktype', { drop: 'x' }, { drop: 1 }],
      ['raw', { add: 1 }, { add: 'x' }],
      ['reference', { add: 1 }, { drop: 'x' }],
    ])('take what fits a branch of %s', async (name, fitting, failing) => {
      expect((await resultOf(app, name, { era, args: fitting })).structuredContent).toEqual(fitting);
      expect((await resultOf(app, name, { era, args: failing })).isError).toBe(true);
    });
  });
});

/** Starts a server with these tools and returns its warnings. */
async function warningsOf(...providers: Class[]): Promise<string[]> {
  const warnings: string[] = [];
  const logger = { log() {}, error() {}, warn: (text: string) => warnings.push(text) };
  const app = await startApp({ imports: [McpModule.forRoot({ logger })], providers });
  await app.close();
  return warnings;
}

describe('start-up', () => {
  it('warns of tools that popular clients refuse, in one line each', async () => {
    let deep: Record<string, unknown> = { type: 'string' };
    for (let level = 0; level < 11; level += 1) deep = { type: 'object', properties: { deeper: deep } };
    @Injectable()
    class Tools {
      @McpTool({ name: 'a.b', input: { anyOf: [ADD, DROP] } })
      both() {}
      @McpTool({ name: 'x'.repeat(65) })
      long() {}
      @McpTool({ input: { type: 'object', properties: { at: { type: 'array', prefixItems: [{}] } } } })
      tuple() {}
      @McpTool({ input: deep })
      deep() {}
      @McpTool({ input: ADD })
      fine() {}
    }
    expect(await warningsOf(Tools)).toEqual([
      expect.stringMatching(/^Tools\.both.*"a\.b".*name with dots.*Claude.*anyOf at the root/),
      expect.stringMatching(/^Tools\.long.*64 characters/),
      expect.stringMatching(/^Tools\.tuple.*prefixItems.*OpenAI/),
      expect.stringMatching(/^Tools\.deep.*10 levels/),
    ]);
  });

  it('warns where the type of the arguments is not there at run time', async () => {
    @Injectable()
    class Tools {
      @McpTool()
      shape(_args: { id: number }) {}
      @McpTool()
      decorated(@McpCtx() _ctx: unknown, @McpArgs() _args: object) {}
      @McpTool({ input: ADD })
      described(_args: { add: number }) {}
      @McpTool()
      dto(_args: TextDto) {}
      @McpTool()
      none(@McpCtx() _ctx: unknown) {}
      @McpTool()
      part(@McpArgs('id') _id: number) {}
    }
    // Metadata of the compiler for a class that was imported with "import type".
    Reflect.defineMetadata('design:paramtypes', [Function], Tools.prototype, 'dto');
    const warnings = await warningsOf(Tools);
    expect(warnings).toEqual(
      ['shape', 'decorated', 'dto'].map((name) => expect.stringContaining(`Tools.${name}: `)),
    );
    for (const text of warnings)
      expect(text).toMatch(/"import type".*Import the class itself, or give input/);
  });

  it('warns of a class whose properties have no decorators', async () => {
    class Bare {
      id!: number;
    }
    class Derived extends TextDto {}
    @Injectable()
    class Tools {
      @McpTool()
      bare(_args: Bare) {}
      @McpTool({ input: Bare })
      given(_args: object) {}
      @McpTool()
      derived(_args: Derived) {}
      @McpTool({ output: Bare })
      output() {
        return new Bare();
      }
    }
    expect(await warningsOf(Tools)).toEqual(
      ['bare', 'given'].map((name) =>
        expect.stringMatching(`^Tools\\.${name} input: Bare has no decorators`),
      ),
    );
  });

  it('warns where the compiler recorded no types at all', async () => {
    @Injectable()
    class Tools {
      @McpTool()
      run(_args: TextDto) {}
      @McpTool({ input: TextDto })
      described(_args: TextDto) {}
      @McpTool()
      nothing() {}
    }
    for (const method of ['run', 'described', 'nothing']) {
      Reflect.deleteMetadata('design:paramtypes', Tools.prototype, method);
    }
    expect(await warningsOf(Tools)).toEqual([
      expect.stringMatching(/^Tools\.run: no parameter types.*input: TheDto.*emitDecoratorMetadata/),
    ]);
  });
});

class StringTools {
  @McpTool()
  run(_id: string) {}
}
class NumberTools {
  @McpTool()
  run(_id: number) {}
}
class ListTools {
  @McpTool()
  run(_ids: string[]) {}
}
class MapTools {
  @McpTool()
  run(_ids: Map<string, string>) {}
}
class ParamTools {
  @McpTool()
  run(@Param('id', ParseIntPipe) _id: number) {}
}
class FileTools {
  @McpTool()
  run(@UploadedFile() _file: unknown) {}
}
class NextTools {
  @McpTool()
  run(@Body() _args: TextDto, @Next() _next: unknown) {}
}

describe('a parameter that can never be given', () => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  it.each<[Class, string]>([
    [StringTools, 'of type String'],
    [NumberTools, 'of type Number'],
    [ListTools, 'of type Array'],
    [MapTools, 'of type Map'],
    [ParamTools, 'has no ":id"'],
    [FileTools, '@UploadedFile()'],
    [NextTools, '@Next()'],
  ])('fails at start, naming class and method: %p', async (tools, text) => {
    const starting = startApp({ imports: [McpModule.forRoot()], providers: [tools] });
    const error = await starting.then(
      (started) => (app = started),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(McpConfigurationError);
    expect((error as Error).message).toMatch(new RegExp(`^${tools.name}\\.run`));
    expect((error as Error).message).toContain(text);
  });
});
