import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IsBoolean, IsEmail, IsIn, IsInt, IsOptional, IsString, Max, Min, MinLength } from 'class-validator';
import * as z from 'zod';
import type { TestApp } from '../../support/app.js';
import { takeViolations } from '../../support/wire.js';
import { SessionClient } from '../../support/session-client.js';
import { startSessions, textOf } from './fixture.js';

class SignUpDto {
  @IsString()
  @MinLength(2)
  name!: string;

  @IsEmail()
  email!: string;

  @IsInt()
  @Min(1)
  @Max(10)
  seats!: number;

  @IsIn(['basic', 'pro'])
  plan!: string;

  @IsOptional()
  @IsBoolean()
  news?: boolean;

  greeting() {
    return `${this.name} <${this.email}>`;
  }
}

const zodForm = z.object({
  name: z.string().min(2).describe('Your name'),
  email: z.email(),
  seats: z.number().int().min(1).max(10).default(2),
  plan: z.enum(['basic', 'pro']),
  extras: z.array(z.enum(['wifi', 'lunch'])).optional(),
});

/** Every kind of choice and default that the specification has. */
const RICH_FORM = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      title: 'Name',
      description: 'Who',
      minLength: 1,
      maxLength: 9,
      default: 'John Doe',
    },
    mail: { type: 'string', format: 'email' },
    site: { type: 'string', format: 'uri' },
    day: { type: 'string', format: 'date' },
    time: { type: 'string', format: 'date-time' },
    age: { type: 'integer', minimum: 0, maximum: 99, default: 30 },
    score: { type: 'number', default: 95.5 },
    verified: { type: 'boolean', default: true },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: [{ const: 'value1', title: 'First Option' }] },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2'], enumNames: ['Option One', 'Option Two'] },
    untitledMulti: {
      type: 'array',
      items: { type: 'string', enum: ['option1', 'option2'] },
      minItems: 1,
      maxItems: 2,
    },
    titledMulti: {
      type: 'array',
      items: { anyOf: [{ const: 'value1', title: 'First Choice' }] },
      default: ['value1'],
    },
  },
  required: ['name'],
};

const TOO_RICH: Record<string, object> = {
  'an object': { type: 'object', properties: {} },
  'a list of strings': { type: 'array', items: { type: 'string' } },
  'a list of numbers to choose from': { type: 'array', items: { type: 'number', enum: [1, 2] } },
  'a choice of numbers': { type: 'string', enum: [1, 2] },
  'one of several types': { type: ['string', 'null'] },
  'anything of several schemas': { anyOf: [{ type: 'string' }, { type: 'number' }] },
  'an untitled choice': { type: 'string', oneOf: [{ const: 'a' }, { minLength: 2 }] },
  'nothing in particular': {},
};

describe('a form', () => {
  let app: TestApp;
  let client: SessionClient;
  beforeAll(async () => {
    app = await startSessions({
      mcp: { logger: { log() {}, warn() {}, error() {} } },
      tools: {
        dto: async (ctx) => {
          const answer = await ctx.elicit({ message: 'Sign up', schema: SignUpDto });
          const { content } = answer;
          return answer.action === 'accept'
            ? `${content instanceof SignUpDto} ${(content as SignUpDto).greeting()}`
            : answer.action;
        },
        zod: async (ctx) => JSON.stringify(await ctx.elicit({ message: 'Sign up', schema: zodForm })),
        json: async (ctx) => JSON.stringify(await ctx.elicit({ message: 'Fill in', schema: RICH_FORM })),
        rich: async (ctx, { field }) => {
          const schema = { type: 'object', properties: { odd: field } };
          const error: any = await ctx.elicit({ message: '?', schema }).catch((thrown: unknown) => thrown);
          return `${error.name}: ${error.message}`;
        },
        list: async (ctx) => {
          const error: any = await ctx
            .elicit({ message: '?', schema: { type: 'array' } })
            .catch((e: unknown) => e);
          return `${error.name}: ${error.message}`;
        },
      },
    });
    client = await SessionClient.open(app, { capabilities: { elicitation: {} } });
  });
  afterAll(() => app.close());

  /** Calls a tool that asks, answers, and gives the question and the result. */
  async function ask(tool: string, answer: object) {
    const call = client.begin(tool);
    const question = await call.message(({ method }) => method === 'elicitation/create');
    expect((await client.answer(question, answer)).status).toBe(202);
    const result = await call.message((message) => 'result' in message);
    return { params: question.params, result: result.result, text: textOf(result) };
  }

  it('is made from a class, whose instance comes back', async () => {
    const content = { name: 'Ada', email: 'ada@example.com', seats: 3, plan: 'pro' };
    const { params, text } = await ask('dto', { action: 'accept', content });
    expect(params.requestedSchema).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2 },
        email: { type: 'string', format: 'email' },
        seats: { type: 'integer', minimum: 1, maximum: 10 },
        plan: { type: 'string', enum: ['basic', 'pro'] },
        news: { type: 'boolean' },
      },
      required: ['name', 'email', 'seats', 'plan'],
    });
    expect(params.message).toBe('Sign up');
    expect(text).toBe('true Ada <ada@example.com>');
  });

  it('is made from a Standard Schema, with its defaults and its output', async () => {
    const content = { name: 'Ada', email: 'ada@example.com', plan: 'pro', extras: ['wifi'] };
    const { params, text } = await ask('zod', { action: 'accept', content });
    expect(params.requestedSchema).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2, description: 'Your name' },
        email: { type: 'string', format: 'email' },
        seats: { type: 'integer', minimum: 1, maximum: 10, default: 2 },
        plan: { type: 'string', enum: ['basic', 'pro'] },
        extras: { type: 'array', items: { type: 'string', enum: ['wifi', 'lunch'] } },
      },
      required: ['name', 'email', 'plan'],
    });
    expect(JSON.parse(text).content).toEqual({ ...content, seats: 2 });
  });

  it('arrives exactly as it is given where it says only what the wire can carry', async () => {
    const content = { name: 'Jane', titledMulti: ['value1'] };
    const { params, text } = await ask('json', { action: 'accept', content });
    expect(params.requestedSchema).toEqual(RICH_FORM);
    expect(JSON.parse(text)).toEqual({ action: 'accept', content });
  });

  it.each(['decline', 'cancel'])('may be answered with "%s"', async (action) => {
    expect((await ask('dto', { action })).text).toBe(action);
    expect((await ask('json', { action, content: { left: 'over' } })).text).toBe(JSON.stringify({ action }));
  });

  it.each([
    ['a wrong type', { name: 'Ada', email: 'ada@example.com', seats: 'three', plan: 'pro' }, 'seats'],
    ['a missing field', { name: 'Ada', email: 'ada@example.com', seats: 3 }, 'plan'],
    ['no content', undefined, 'name'],
  ])('is checked when it comes back: %s', async (_kind, content, problem) => {
    const { result, text } = await ask('dto', { action: 'accept', content });
    expect(result.isError).toBe(true);
    expect(text).toContain('does not fit the form');
    expect(text).toContain(problem);
  });

  it.each([{}, { action: 'maybe' }, { action: ['accept'] }, { action: 'accept', content: [1] }])(
    'takes no other answer: %j',
    async (answer) => {
      const { result } = await ask('json', answer);
      expect(result.isError).toBe(true);
      expect(takeViolations().join()).toContain('answer to elicitation/create');
    },
  );

  it.each(Object.keys(TOO_RICH))('cannot have a field that is %s', async (kind) => {
    const text = textOf((await client.call('rich', { field: TOO_RICH[kind] })).json);
    expect(text).toContain('McpConfigurationError');
    expect(text).toContain('"odd" cannot be shown as a form field');
  });

  it('describes an object', async () => {
    expect(textOf((await client.call('list')).json)).toContain('must describe an object');
  });
});
