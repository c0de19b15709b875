import { applyDecorators, ParseIntPipe, ValidationPipe } from '@nestjs/common';
import { type } from 'arktype';
import { McpArgs, McpContext, McpCtx, McpTool, type McpToolOptions } from 'nestjs-mcp-adapters';
import * as v from 'valibot';
import { z } from 'zod';
import { expectType, type Equal } from './expect-type.js';

class PlaceDto {
  city!: string;
}

class WithDependencies {
  constructor(
    readonly city: string,
    readonly days: number,
  ) {}
}

const Composed = () => applyDecorators(McpTool({ input: z.object({ a: z.number() }) }));

export class DecoratedTools {
  @McpTool()
  bare() {}

  @McpTool({ name: 'full', title: 'T', description: 'D', timeoutMs: 1, annotations: { readOnlyHint: true } })
  async full(_args: PlaceDto, _ctx: McpContext) {}

  @McpTool({ input: z.object({ city: z.string() }), output: z.object({ degrees: z.number() }) })
  zod(args: { city: string }) {
    return { degrees: args.city.length };
  }

  @McpTool({ input: v.object({ city: v.string() }), output: v.object({}) })
  valibot() {}

  @McpTool({ input: type({ city: 'string' }), output: PlaceDto })
  arktype() {}

  @McpTool({ input: { type: 'object', $defs: { a: true } }, _meta: { 'example.com/a': [1] } })
  json() {}

  @McpTool({ input: WithDependencies })
  dependencies() {}

  @McpTool()
  parameters(
    @McpArgs() _all: PlaceDto,
    @McpArgs('days', ParseIntPipe) _days: number,
    @McpArgs(new ValidationPipe()) _piped: PlaceDto,
    @McpCtx() _ctx: McpContext,
  ) {}

  // @ts-expect-error the schema gives a number
  @McpTool({ input: z.object({ a: z.number() }) })
  conflicting({ a }: { a: string }) {
    return a;
  }

  // @ts-expect-error the schema gives a number, deeper
  @McpTool({ input: v.object({ filter: v.object({ a: v.number() }) }) })
  conflictingDeeper(_args: { filter: { a: string } }) {}

  // @ts-expect-error the class has another type
  @McpTool({ input: PlaceDto })
  conflictingClass(_args: { city: number }, _ctx: McpContext) {}

  @McpTool({
    input: z.object({ a: z.string().transform(Number), b: z.string().optional(), c: z.int().default(1) }),
  })
  transformed({ a, b = '', c }: { a: number; b?: string; c: number }, ctx: McpContext) {
    return [a, b, c, ctx];
  }

  @McpTool({ input: z.object({ a: z.number() }) })
  part(_args: { readonly a?: number }) {}

  @McpTool({ input: z.object({ a: z.number() }) })
  anything(_args: any, _ctx: McpContext) {}

  @McpTool({ input: z.object({ a: z.number() }) })
  async reordered(@McpCtx() _ctx: McpContext, @McpArgs('a') _a: number) {}

  @McpTool({ input: z.object({ a: z.number(), text: z.string() }) })
  picked(@McpArgs('a') _a: number, @McpArgs('text') _text: string) {}

  @McpTool({ input: z.object({ id: z.number(), item: z.object({ id: z.string() }).optional() }) })
  pickedOfEqualNames(@McpArgs('item') _item: { id: string } | undefined) {}

  @McpTool({ input: z.object({ id: z.number(), item: z.object({ id: z.string() }) }) })
  pickedObject(@McpArgs('item') _item: { id: string }) {}

  @McpTool({ input: { type: 'object', properties: { a: { type: 'integer' } } } })
  described({ a }: { a: number }) {
    return a;
  }

  @McpTool({
    input: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a') }),
      z.object({ kind: z.literal('b') }),
    ]),
  })
  union(_args: { kind: 'a' } | { kind: 'b' }) {}

  @Composed()
  composed() {}

  // @ts-expect-error a name is text
  @McpTool({ name: 1 })
  numbered() {}

  // @ts-expect-error no such option
  @McpTool({ inputSchema: {} })
  misspelt() {}

  // @ts-expect-error no such option beside a schema
  @McpTool({ input: PlaceDto, descripton: 'D' })
  misspeltBeside() {}

  // @ts-expect-error no schema is text
  @McpTool({ input: 'string' })
  texted() {}

  // @ts-expect-error a tool is a method
  @McpTool()
  readonly property = 1;

  // @ts-expect-error one property at most
  misused(@McpArgs('a', 'b') _a: unknown) {}
}

expectType<Equal<ReturnType<typeof McpTool>, MethodDecorator>>();
expectType<Equal<ReturnType<typeof McpArgs>, ParameterDecorator>>();
expectType<Equal<McpToolOptions['timeoutMs'], number | undefined>>();
