import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { JSONSchema } from 'class-validator-jsonschema';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max } from 'class-validator';
import { McpContext, McpModule, McpPrompt } from 'nestjs-mcp-adapters';
import { z } from 'zod';
import { startApp, type TestApp } from '../../support/app.js';
import { askIn, MATRIX, resultsIn, type Ask } from '../../support/ask.js';

class ReviewDto {
  @JSONSchema({ description: 'What to review' })
  @IsString()
  code!: string;

  @IsOptional() @Type(() => Number) @IsInt() @Max(10) depth?: number;
}

const Zod = z.object({ count: z.coerce.number().int().describe('How many'), tone: z.string().optional() });
const CONTENT = [
  { type: 'text', text: 'a', annotations: { audience: ['user'], priority: 1 } },
  { type: 'image', data: 'aaaa', mimeType: 'image/png' },
  { type: 'audio', data: 'aaaa', mimeType: 'audio/wav' },
  { type: 'resource_link', uri: 'x://y', name: 'y' },
  { type: 'resource', resource: { uri: 'x://y', text: 't', _meta: { 'example.com/a': 1 } } },
];

@Injectable()
class Prompts {
  @McpPrompt({ title: 'Plain', description: 'Says hello', icons: [{ src: 'https://example.com/i.png' }] })
  plain() {
    return 'Hello';
  }

  @McpPrompt()
  review(args: ReviewDto) {
    return `${args instanceof ReviewDto} ${args.code} ${typeof args.depth}`;
  }

  @McpPrompt({ input: Zod })
  zod({ count, tone }: z.infer<typeof Zod>) {
    return [`${count + 1}`, { role: 'assistant', content: { type: 'text', text: tone ?? 'none' } }];
  }

  @McpPrompt({
    arguments: [{ name: 'city', title: 'City', description: 'Where', required: true }, { name: 'day' }],
    _meta: { 'example.com/a': 1 },
  })
  list(args: object) {
    return JSON.stringify(args);
  }

  @McpPrompt()
  everything() {
    return CONTENT;
  }

  @McpPrompt({ description: 'listed' })
  full() {
    const messages = CONTENT.map((content) => ({ role: 'assistant', content }));
    return { description: 'own', messages, _meta: { 'example.com/b': 2 } };
  }

  @McpPrompt()
  wrong() {
    return 7;
  }

  @McpPrompt()
  nothing() {}

  @McpPrompt({ name: 'with ctx' })
  context(_: object, ctx: McpContext) {
    return ctx.request.method;
  }
}

describe.each(MATRIX)('prompts on %s, %s', (platform, era) => {
  let app: TestApp;
  let ask: Ask;
  const get = (name: string, args?: object) =>
    resultsIn(app, era)('prompts/get', { name, ...(args && { arguments: args }) });
  const textsOf = async (name: string, args?: object) =>
    (await get(name, args)).messages.map(({ content }: any) => content.text);
  const refusalOf = async (params: Record<string, unknown>) => (await ask('prompts/get', params)).json.error;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Prompts] });
    ask = askIn(app, era);
  });
  afterAll(() => app.close());

  it('are listed by name with the arguments of their schemas', async () => {
    const { prompts } = await resultsIn(app, era)('prompts/list');
    const byName = Object.fromEntries(prompts.map((prompt: any) => [prompt.name, prompt]));
    expect(prompts.map(({ name }: any) => name)).toEqual([...Object.keys(byName)].sort());
    expect(byName.plain).toEqual({
      name: 'plain',
      title: 'Plain',
      description: 'Says hello',
      icons: [{ src: 'https://example.com/i.png' }],
    });
    expect(byName.review.arguments).toEqual([
      { name: 'code', description: 'What to review', required: true },
      { name: 'depth' },
    ]);
    expect(byName.zod.arguments).toEqual([
      { name: 'count', description: 'How many', required: true },
      { name: 'tone' },
    ]);
    expect(byName.list).toMatchObject({
      arguments: [{ name: 'city', title: 'City', description: 'Where', required: true }, { name: 'day' }],
      _meta: { 'example.com/a': 1 },
    });
  });

  it('take text for a message of the user', async () => {
    expect(await get('plain')).toMatchObject({
      description: 'Says hello',
      messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
    });
  });

  it('convert their arguments', async () => {
    expect(await textsOf('review', { code: 'x', depth: '3' })).toEqual(['true x number']);
    expect(await textsOf('zod', { count: '41' })).toEqual(['42', 'none']);
    expect(await textsOf('list', { city: 'Paris' })).toEqual(['{"city":"Paris"}']);
  });

  it('carry every kind of content', async () => {
    expect((await get('everything')).messages).toEqual(CONTENT.map((content) => ({ role: 'user', content })));
    expect(await get('full')).toMatchObject({
      description: 'own',
      messages: CONTENT.map((content) => ({ role: 'assistant', content })),
      _meta: { 'example.com/b': 2 },
    });
  });

  it.each([
    ['review', {}, /^Invalid arguments:\n- code: .+/],
    ['review', { code: 'x', depth: 'many' }, /^Invalid arguments:\n- depth: .+/],
    ['zod', { count: 'x' }, /^Invalid arguments:\n- count: .+/],
    ['list', {}, /^Invalid arguments:\n.*city/],
    [
      'list',
      { city: 1, day: null },
      /^Invalid arguments:\n- city: must be a string\n- day: must be a string$/,
    ],
  ])('refuse for %s the arguments %j', async (name, args, message) => {
    const error = await refusalOf({ name, arguments: args });
    expect(error.code).toBe(-32602);
    expect(error.message).toMatch(message);
  });

  it('refuse an unknown name, and parameters of the wrong shape', async () => {
    expect(await refusalOf({ name: 'none' })).toEqual({ code: -32602, message: 'Unknown prompt: none' });
    expect(await refusalOf({})).toEqual({ code: -32602, message: 'name must be a string' });
    expect(await refusalOf({ name: 'plain', arguments: [] })).toEqual({
      code: -32602,
      message: 'arguments must be an object',
    });
  });

  it.each(['wrong', 'nothing'])(
    'answer a handler that returns no message (%s) as a failure',
    async (name) => {
      expect((await refusalOf({ name })).message).toMatch(/^Internal error \(reference/);
    },
  );

  it('give the handler the context', async () => {
    expect(await textsOf('with ctx')).toEqual(['prompts/get']);
  });
});

@Injectable()
class Rows {
  @McpPrompt({ description: 'listed' })
  nulls() {
    const resource = { uri: 'x://y', mimeType: null, text: 't' };
    return { description: null, _meta: null, messages: [{ type: 'resource', resource, annotations: null }] };
  }

  @McpPrompt()
  message() {
    return { role: 'assistant', content: { type: 'text', text: 't', annotations: { audience: null } } };
  }

  @McpPrompt()
  incomplete() {
    return { type: 'resource', resource: { uri: 'x://y' } };
  }

  @McpPrompt()
  bytes() {
    return { type: 'resource', resource: { uri: 'x://y', blob: Buffer.from('t') } };
  }

  @McpPrompt()
  notANumber() {
    return { type: 'text', text: 't', annotations: { priority: Number.NaN } };
  }
}

describe.each(MATRIX)('prompts of untyped values on %s, %s', (platform, era) => {
  let app: TestApp;
  const get = async (name: string) => (await askIn(app, era)('prompts/get', { name })).json;

  beforeAll(async () => {
    app = await startApp({ platform, imports: [McpModule.forRoot()], providers: [Rows] });
  });
  afterAll(() => app.close());

  it('leave out what is null', async () => {
    const { description, messages } = (await get('nulls')).result;
    expect(description).toBe('listed');
    expect(messages).toEqual([
      { role: 'user', content: { type: 'resource', resource: { uri: 'x://y', text: 't' } } },
    ]);
    expect((await get('message')).result.messages).toEqual([
      { role: 'assistant', content: { type: 'text', text: 't', annotations: {} } },
    ]);
  });

  it.each(['incomplete', 'bytes', 'notANumber'])('%s is an internal error', async (name) => {
    expect((await get(name)).error).toMatchObject({
      code: -32603,
      message: expect.stringMatching(/^Internal error/),
    });
  });
});
