import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ForbiddenException, Injectable, UseGuards, UseInterceptors } from '@nestjs/common';
import { map } from 'rxjs';
import { McpCompletion, McpContext, McpModule, McpPrompt, McpResource } from 'nestjs-mcp-adapters';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn, type Ask } from '../../support/ask.js';

const CITIES = ['Paris', 'Perth', 'Porto'];
const NUMBERS = Array.from({ length: 250 }, (_, index) => `n${index}`);
const deny = {
  canActivate() {
    throw new ForbiddenException('not you');
  },
};
const shout = { intercept: (_: unknown, next: any) => next.handle().pipe(map((text: any) => `${text}!`)) };

@Injectable()
class Guide {
  readonly cities = CITIES;

  @McpPrompt({
    arguments: [{ name: 'city' }, { name: 'street' }, { name: 'plain' }, { name: 'wrong' }],
    complete: {
      street: (value, ctx, given) => [`${given['city']}: ${value}`, ctx.request.method],
      wrong: () => 7 as never,
    },
  })
  @UseInterceptors(shout)
  visit() {
    return 'Go';
  }

  @McpCompletion({ prompt: 'visit', argument: 'city' })
  city(value: string) {
    return this.cities.filter((city) => city.startsWith(value));
  }

  @McpResource({ uriTemplate: 'x://{number}/{some}/{more}' })
  number() {
    return '';
  }

  @McpCompletion({ uriTemplate: 'x://{number}/{some}/{more}', argument: 'number' })
  async numbers(_: string, __: McpContext, given: Record<string, string>) {
    return given['some'] === undefined ? NUMBERS : { values: NUMBERS, total: 1_000 };
  }

  @McpCompletion({ uriTemplate: 'x://{number}/{some}/{more}', argument: 'some' })
  some() {
    return { values: ['a'], hasMore: true };
  }

  @McpResource({ uri: 'x://static' })
  fixed() {
    return '';
  }

  @McpPrompt({ arguments: [{ name: 'a' }], complete: { a: () => ['secret'] } })
  @UseGuards(deny)
  denied() {
    return '';
  }
}

describe.each(MATRIX)('completion/complete on %s, %s', (platform, era) => {
  let app: TestApp;
  let ask: Ask;
  const complete = async (ref: object, name: string, value = '', context?: object) =>
    (
      await resultsIn(app, era)('completion/complete', {
        ref,
        argument: { name, value },
        ...(context && { context }),
      })
    ).completion;
  const visit = { type: 'ref/prompt', name: 'visit' };
  const template = { type: 'ref/resource', uri: 'x://{number}/{some}/{more}' };

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Guide] });
    ask = askIn(app, era);
  });
  afterAll(() => app.close());

  it('asks the method for the argument, on its own instance', async () => {
    expect(await complete(visit, 'city', 'P')).toEqual({ values: CITIES, total: 3, hasMore: false });
    expect(await complete(visit, 'city', 'Pe')).toEqual({ values: ['Perth'], total: 1, hasMore: false });
  });

  it('asks the function beside the arguments, without the interceptors of the prompt', async () => {
    const context = { arguments: { city: 'Paris' } };
    expect(await complete(visit, 'street', 'Rue', context)).toEqual({
      values: ['Paris: Rue', 'completion/complete'],
      total: 2,
      hasMore: false,
    });
  });

  it('sends at most 100 values and says that there are more', async () => {
    expect(await complete(template, 'number')).toEqual({
      values: NUMBERS.slice(0, 100),
      total: 250,
      hasMore: true,
    });
    expect(await complete(template, 'number', '', { arguments: { some: 'x' } })).toEqual({
      values: NUMBERS.slice(0, 100),
      total: 1_000,
      hasMore: true,
    });
    expect(await complete(template, 'some')).toEqual({ values: ['a'], hasMore: true });
  });

  it.each([
    [visit, 'plain'],
    [visit, 'unheard of'],
    [template, 'more'],
    [{ type: 'ref/resource', uri: 'x://static' }, 'a'],
  ])('has no values for %j, %s', async (ref, name) => {
    expect(await complete(ref, name)).toEqual({ values: [], total: 0, hasMore: false });
  });

  it.each<[object, string]>([
    [{ ref: { type: 'ref/prompt', name: 'none' } }, 'Unknown prompt: none'],
    [{ ref: { type: 'ref/resource', uri: 'x://{none}' } }, 'Unknown resource template: x://{none}'],
    [{ ref: { type: 'ref/tool', name: 'visit' } }, 'ref must be { type: "ref/prompt", name }'],
    [{ ref: 'visit' }, 'ref must be an object'],
    [{ argument: undefined }, 'argument must be an object'],
    [{ argument: { name: 'city' } }, 'argument.name and argument.value must be strings'],
    [{ context: [] }, 'context must be an object'],
    [{ context: { arguments: { city: 1 } } }, 'context.arguments must be an object of strings'],
  ])('refuses %j', async (change, message) => {
    const params = { ref: visit, argument: { name: 'city', value: '' }, ...change };
    const { json } = await ask('completion/complete', params);
    expect(json.error.code).toBe(-32602);
    expect(json.error.message).toContain(message);
  });

  it('stands behind the guards of its prompt', async () => {
    const params = { ref: { type: 'ref/prompt', name: 'denied' }, argument: { name: 'a', value: '' } };
    expect((await ask('completion/complete', params)).json.error).toEqual({
      code: -32602,
      message: 'not you',
    });
  });

  it('answers a completer that returns something else as a failure', async () => {
    const { json } = await ask('completion/complete', { ref: visit, argument: { name: 'wrong', value: '' } });
    expect(json.error.message).toMatch(/^Internal error \(reference/);
  });
});
