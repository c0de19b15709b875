import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Transform, Type } from 'class-transformer';
import {
  Allow,
  Contains,
  Equals,
  IsAlpha,
  IsArray,
  IsBase64,
  IsBooleanString,
  IsDate,
  IsDateString,
  IsDefined,
  IsEmail,
  IsEmpty,
  IsEnum,
  IsHexColor,
  IsIn,
  IsInt,
  IsIP,
  IsISO8601,
  IsJSON,
  IsJWT,
  IsLatitude,
  IsNotEmpty,
  IsNotIn,
  IsNumber,
  IsNumberString,
  IsString,
  IsUrl,
  IsUUID,
  Matches,
  Max,
  Min,
  MinDate,
  MinLength,
  NotContains,
  NotEquals,
  registerDecorator,
} from 'class-validator';
import { publish } from './support.js';

enum Level {
  Low,
  High = 5,
}
enum Color {
  Red = 'red',
  Blue = 'blue',
}
enum Mixed {
  None = 0,
  Some = 'some',
}

const text = (format: string) => ({ type: 'string', format });
const DATE = { anyOf: [text('date-time'), text('date')] };

function LongerThan(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'longerThan',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: { validate: () => true },
    });
}

/** Publishes a property with these decorators, applied as if written from left to right. */
async function describeProperty(...decorators: PropertyDecorator[]): Promise<unknown> {
  class Holder {}
  for (const decorate of [...decorators].reverse()) decorate(Holder.prototype, 'p');
  const { properties } = await publish(Holder);
  return (properties as Record<string, unknown>)['p'];
}

describe('JSON Schema of class-validator decorators', () => {
  it.each<[string, PropertyDecorator[], unknown]>([
    ['a numeric enum', [IsEnum(Level)], { type: 'number', enum: [0, 5] }],
    ['a string enum', [IsEnum(Color)], { type: 'string', enum: ['red', 'blue'] }],
    [
      'a mixed enum',
      [IsEnum(Mixed)],
      {
        anyOf: [
          { type: 'number', enum: [0] },
          { type: 'string', enum: ['some'] },
        ],
      },
    ],
    [
      'a list of enum members',
      [IsEnum(Level, { each: true })],
      { type: 'array', items: { type: 'number', enum: [0, 5] } },
    ],
    ['an object used as an enum', [IsEnum({ a: 'x', b: 'y' })], { type: 'string', enum: ['x', 'y'] }],
    ['homogeneous choices', [IsIn(['a', 'b'])], { type: 'string', enum: ['a', 'b'] }],
    [
      'heterogeneous choices',
      [IsIn(['a', 1, null, true])],
      {
        anyOf: [
          { type: 'string', enum: ['a'] },
          { type: 'number', enum: [1] },
          { type: 'null' },
          { type: 'boolean', enum: [true] },
        ],
      },
    ],
    ['choices JSON cannot hold', [IsIn([Symbol('x')])], {}],
    ['excluded choices', [IsNotIn(['a', 1])], { not: { enum: ['a', 1] } }],
    ['one value', [Equals(3)], { type: 'number', enum: [3] }],
    ['a date string', [IsDateString()], DATE],
    ['an ISO 8601 string', [IsISO8601()], DATE],
    ['a date', [IsDate()], DATE],
    ['a date bound by a function', [MinDate(() => new Date())], DATE],
    ['a URL', [IsUrl()], { type: 'string', format: 'uri' }],
    ['an e-mail address', [IsEmail()], { type: 'string', format: 'email' }],
    ['a UUID', [IsUUID()], { type: 'string', format: 'uuid' }],
    ['any IP address', [IsIP()], { anyOf: [text('ipv4'), text('ipv6')] }],
    ['an IPv6 address', [IsIP(6)], { type: 'string', format: 'ipv6' }],
    ['base64', [IsBase64()], { type: 'string', contentEncoding: 'base64' }],
    ['a string without a standard format', [IsJWT()], { type: 'string' }],
    ['a string with a made-up format', [IsJSON()], { type: 'string' }],
    ['a number or its text', [IsLatitude()], { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a boolean string', [IsBooleanString()], { type: 'string', enum: ['true', 'false', '1', '0'] }],
    ['letters of a locale', [IsAlpha('de-DE')], { type: 'string' }],
    ['a restricted number string', [IsNumberString({ no_symbols: true })], { type: 'string' }],
    ['a pattern', [Matches(/^a+$/)], { type: 'string', pattern: '^a+$' }],
    ['a pattern with a neutral flag', [Matches(/^a+$/gu)], { type: 'string', pattern: '^a+$' }],
    ['a pattern with a flag that counts', [Matches(/^a+$/i)], { type: 'string' }],
    ['a pattern as text', [Matches('^a+$')], { type: 'string', pattern: '^a+$' }],
    ['a pattern as text with a flag', [Matches('^a+$', 'i')], { type: 'string' }],
    ['a pattern invalid in Unicode mode', [Matches(new RegExp('^\\_a$'))], { type: 'string' }],
    ['contained text', [Contains('a.b')], { type: 'string', pattern: 'a\\.b' }],
    ['text that is not contained', [NotContains('(')], { type: 'string', not: { pattern: '\\(' } }],
    ['an integer with bounds', [Min(1), Max(9), IsInt()], { type: 'integer', minimum: 1, maximum: 9 }],
    ['bounds before an integer', [IsInt(), Min(1)], { type: 'integer', minimum: 1 }],
    ['a non-empty integer', [IsNotEmpty(), IsInt()], { type: 'integer' }],
    ['a non-empty string', [IsNotEmpty(), IsString()], { type: 'string', minLength: 1 }],
    ['a defined value', [IsDefined()], { not: { type: 'null' } }],
    ['an empty value', [IsEmpty()], { anyOf: [{ type: 'string', enum: [''] }, { type: 'null' }] }],
    ['a date that is told to be text', [IsDateString(), IsString()], DATE],
    [
      'a long date string',
      [IsDateString(), MinLength(11)],
      {
        anyOf: [
          { ...text('date-time'), minLength: 11 },
          { ...text('date'), minLength: 11 },
        ],
      },
    ],
    ['a latitude that is a number', [IsLatitude(), IsNumber()], { type: 'number' }],
    ['a decorator of the application', [LongerThan()], {}],
    ['such a decorator beside another', [LongerThan(), IsString()], { type: 'string' }],
  ])('describes %s', async (_, decorators, expected) => {
    expect(await describeProperty(...decorators)).toEqual(expected);
  });

  it.each([
    ['#fff', true],
    ['#ffff', true],
    ['#fffff', false],
  ])('accepts %s as a colour exactly where the decorator does', async (text, accepted) => {
    const { pattern } = (await describeProperty(IsHexColor())) as { pattern: string };
    expect(new RegExp(pattern, 'u').test(text)).toBe(accepted);
  });

  it('publishes the type that the compiler recorded where no decorator says one', async () => {
    class Holder {
      @IsNotEmpty() name!: string;
      @Allow() count!: number;
      @IsDefined() sure!: boolean;
      @NotEquals(5) level!: number;
      @IsNotIn(['x']) word!: string;
      @LongerThan() color!: Color;
      @LongerThan() list!: string[];
      @IsNotEmpty() @Type(() => Date) day!: Date;
      @IsArray() @Type(() => Number) scores!: number[];
      @IsArray({ each: true }) grid!: number[][];
      @IsNotEmpty() @Transform(({ value }) => [value]) made!: string[];
      @IsNotEmpty() anything!: unknown;
    }
    expect((await publish(Holder))['properties']).toEqual({
      name: { type: 'string', minLength: 1 },
      count: { type: 'number' },
      sure: { type: 'boolean' },
      level: { type: 'number', not: { enum: [5] } },
      word: { type: 'string', not: { enum: ['x'] } },
      color: { type: 'string' },
      list: { type: 'array', items: {} },
      day: DATE,
      scores: { type: 'array', items: { type: 'number' } },
      grid: { type: 'array', items: { type: 'array', items: {} } },
      made: { minLength: 1 },
      anything: { minLength: 1 },
    });
  });
});
