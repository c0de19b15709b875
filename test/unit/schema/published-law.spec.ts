import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { PartialType } from '@nestjs/mapped-types';
import { ApiProperty } from '@nestjs/swagger';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMinSize,
  Contains,
  Equals,
  IsAlpha,
  IsArray,
  IsBoolean,
  IsBooleanString,
  IsDefined,
  IsEmpty,
  IsEnum,
  IsHexColor,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNotIn,
  IsNumber,
  IsNumberString,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  MinLength,
  NotEquals,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import fc from 'fast-check';
import type { DtoClass } from '../../../lib/schema/class-validator.js';
import type { JsonSchema, Validation } from '../../../lib/schema/schema.js';
import { issuesOf, resolve, valueOf } from './support.js';

enum Level {
  Low,
  High,
}

enum Mixed {
  One = 1,
  Two = 'two',
}

class Tag {
  @IsString() tag!: string;
}

class Cat {
  @IsIn(['cat']) kind!: string;
  @IsInt() lives!: number;
}

class Dog {
  @IsIn(['dog']) kind!: string;
  @IsOptional() @IsString() breed?: string;
}

const subTypes = [
  { name: 'cat', value: Cat },
  { name: 'dog', value: Dog },
];

class Texts {
  @IsOptional() @IsString() @MinLength(2) a?: string;
  @IsOptional() @Length(1, 3) b?: string;
  @IsOptional() @Matches(/^a+$/) c?: string;
  @IsOptional() @IsAlpha() d?: string;
  @IsOptional() @Contains('x') e?: string;
  @IsOptional() @IsHexColor() f?: string;
  @IsOptional() @IsNumberString() g?: string;
  @IsOptional() @IsBooleanString() h?: string;
}

class Numbers {
  @IsOptional() @IsInt() a?: number;
  @IsOptional() @IsNumber() @Min(-3) @Max(3) b?: number;
  @IsOptional() @IsPositive() c?: number;
  @IsOptional() @IsBoolean() d?: boolean;
}

class Choices {
  @IsOptional() @IsEnum(Level) a?: Level;
  @IsOptional() @IsEnum(Mixed) b?: Mixed;
  @IsOptional() @IsIn(['a', 1, null]) c?: unknown;
  @IsOptional() @IsNotIn(['a', 1]) d?: unknown;
  @IsOptional() @Equals('text') e?: string;
  @IsOptional() @NotEquals('text') f?: string;
  @IsOptional() @IsEmpty() g?: string;
  @IsOptional() @IsEnum(Level, { each: true }) h?: Level[];
}

class Presence {
  @IsDefined() a!: unknown;
  @IsNotEmpty() b!: string;
  @IsOptional() c?: number;
  @ValidateIf(({ c }: Presence) => c !== undefined) @IsString() d?: string;
}

class Lists {
  @IsOptional() @IsArray() a?: string[];
  @IsOptional() @IsString({ each: true }) @ArrayMinSize(1) b?: string[];
  @IsOptional() @IsInt({ each: true }) c?: Set<number>;
  @IsOptional() @IsObject() d?: object;
}

class Nested {
  @IsOptional() @ValidateNested() @Type(() => Tag) a?: Tag;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Tag) b?: Tag[];
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Tag) c?: Map<string, Tag>;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Tag) d?: Set<Tag>;
  @IsOptional() @ValidateNested() e?: Tag;
  @IsOptional() @ValidateNested() @Type(() => Nested) f?: Nested;
}

class Discriminated {
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Object, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty: true })
  a?: (Cat | Dog)[];
}

@JSONSchema({ additionalProperties: false })
class Closed {
  @Expose({ name: 'a' }) @IsString() renamed!: string;
  @Exclude() b?: string;
  @IsOptional() @IsInt() @JSONSchema({ multipleOf: 2 }) c?: number;
}

class Converted {
  @IsOptional() @Type(() => Number) @IsInt() a?: number;
  @IsOptional() @Transform(({ value }) => String(value)) @IsString() b?: string;
  @IsString() c: string = 'initial';
}

/** Types that only the compiler has recorded. */
class Recorded {
  @IsOptional() @IsNotEmpty() a?: string;
  @IsOptional() @Allow() b?: number;
  @IsOptional() @NotEquals(1) c?: boolean;
  @IsOptional() @IsNotIn(['a']) d?: string[];
  @IsOptional() @IsNotEmpty() e?: Tag;
  @IsOptional() @IsNotEmpty() f?: object;
  @IsOptional() @IsNotEmpty() g?: Date;
  @IsOptional() @IsNotEmpty() h?: Map<string, number>;
}

/** Limits that only the document has. */
class Described {
  @ApiProperty({ enum: ['a', 'ab'] }) @IsOptional() @IsString() a?: string;
  @ApiProperty({ minimum: 1, maximum: 2 }) @IsOptional() @IsNumber() b?: number;
  @ApiProperty({ enum: Level }) @IsOptional() @Allow() c?: Level;
  @ApiProperty({ enum: ['a', 'x'], isArray: true }) @IsOptional() @IsArray() d?: string[];
  @ApiProperty({ pattern: '^a', minLength: 2 }) @IsOptional() @IsNotEmpty() e?: string;
  @ApiProperty({ maxItems: 1 }) @IsOptional() @IsArray() f?: unknown[];
  @ApiProperty({ nullable: true, enum: ['a'] }) @IsOptional() @IsString() g?: string | null;
  @ApiProperty({ type: 'integer', multipleOf: 2 }) @IsOptional() @Allow() h?: number;
}

class Mapped extends PartialType(Described) {}

const FEATURES: Readonly<Record<string, DtoClass>> = {
  Texts,
  Numbers,
  Choices,
  Presence,
  Lists,
  Nested,
  Discriminated,
  Closed,
  Converted,
  Recorded,
  Described,
  Mapped,
};

/**
 * Everything by which input that passes departs from what is published. Output does not, but for formats.
 *
 * - a property that a class converts takes what the class takes
 * - a property with an initialiser may be left out
 */
const DEVIATIONS: Readonly<Record<string, readonly string[]>> = { Converted: ['a', 'b', 'c'] };

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'tag', 'kind', 'lives'];

const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      1,
      2,
      2.5,
      -4,
      2 ** 60,
      '',
      'a',
      'ab',
      'x',
      'text',
      'two',
      '1',
      'true',
    ),
    fc.constantFrom<unknown>(
      'High',
      'Low',
      'One',
      '#fff',
      {},
      [],
      [[]],
      { tag: 'x' },
      [{ tag: 'x' }],
      [[{ tag: 'x' }]],
    ),
    fc.constantFrom<unknown>(
      { kind: 'cat', lives: 9 },
      { kind: 'dog' },
      [{ kind: 'cat' }],
      { a: [] },
      { a: { tag: 'x' } },
    ),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
  ),
}));

/** Objects of the properties that a class publishes, and at times of one that it does not. */
function objectsOf(jsonSchema: JsonSchema): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(jsonSchema['properties'] as object);
  return fc.dictionary(fc.constantFrom(...names, ...names, 'surplus'), anything, { maxKeys: 4 });
}

/** The value without the properties that deviate. */
function lawful(name: string, value: object): Record<string, unknown> {
  const deviating = DEVIATIONS[name] ?? [];
  const kept = Object.entries(value).filter(([key]) => !deviating.includes(key));
  return { ...Object.fromEntries(kept), ...(name === 'Converted' && { c: 'given' }) };
}

/** The value as it counts: null where it cannot be is "not given". */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(given.map(([key, member]) => [key, withoutNulls(member)]));
}

/** Values that pass, of classes that chance seldom satisfies. */
const PASSING: Readonly<Record<string, Record<string, unknown>>> = {
  Presence: { a: 1, b: 'x' },
  Closed: { a: 'x' },
};

describe.each(['input', 'output'] as const)('what passes fits what is published, as %s', (direction) => {
  it.each(Object.entries(FEATURES))('%s', async (name, dto) => {
    const schema = await resolve(dto, direction);
    const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schema.jsonSchema);
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(objectsOf(schema.jsonSchema), async (value) => {
        const validation: Validation = await schema.validate(value);
        if (!validation.ok) return;
        passed++;
        if (direction === 'output') {
          expect({ value, fits: fits(value) }).toEqual({ value, fits: true });
          return;
        }
        const counted = lawful(name, value);
        expect({ value, fits: fits(counted) || fits(withoutNulls(counted)) }).toEqual({ value, fits: true });
      }),
      { numRuns: 400, examples: PASSING[name] ? [[PASSING[name]]] : [] },
    );
    expect(passed).toBeGreaterThan(0);
  });
});

describe('what class-validator lets pass is refused where the published schema refuses it', () => {
  it.each<[string, DtoClass, object, string]>([
    ['the name of a member of a numeric enum', Choices, { a: 'High' }, 'a'],
    ['the same in a list', Choices, { h: [0, 'Low'] }, 'h'],
    ['the same of a mixed enum', Choices, { b: 'One' }, 'b'],
    ['a list as an item of a list', Nested, { b: [[]] }, 'b.0'],
    ['the same with what would fit in it', Nested, { b: [[{ tag: 'x' }]] }, 'b.0'],
    ['the same, deeper', Nested, { b: [[[]]] }, 'b.0'],
    ['a list as a value of a Map', Nested, { c: { a: [] } }, 'c.a'],
    ['a list as an item of a Set', Nested, { d: [[{ tag: 'x' }]] }, 'd.0'],
    ['a number where the recorded type is text', Recorded, { a: 1 }, 'a'],
    ['text where the recorded type is a number', Recorded, { b: '1' }, 'b'],
    ['text where the recorded type is a list', Recorded, { d: 'text' }, 'd'],
    ['what the enum of a description lacks', Described, { a: 'x' }, 'a'],
    ['the same in a list', Described, { d: ['a', 'b'] }, 'd.1'],
    ['a number beyond the limits of a description', Described, { b: 3 }, 'b'],
    ['text that is no match of a description', Described, { e: 'b' }, 'e'],
    ['a list longer than its description says', Described, { f: [1, 2] }, 'f'],
    ['an odd number where a description asks for even ones', Described, { h: 1 }, 'h'],
    ['the same of a mapped type', Mapped, { a: 'x' }, 'a'],
  ])('%s', async (_, dto, value, path) => {
    for (const direction of ['input', 'output'] as const) {
      const issues = issuesOf(await (await resolve(dto, direction)).validate(value));
      expect(issues.map((issue) => issue.split(':')[0])).toContain(path);
    }
  });

  it('behind a conversion, too', async () => {
    class Trimmed {
      @Transform(({ value }) => (value as string).trim()) @IsEnum(Level) level!: Level;
      @IsOptional() @Type(() => Number) @IsInt() count?: number;
    }
    const schema = await resolve(Trimmed);
    expect(issuesOf(await schema.validate({ level: ' High ' }))).toEqual([
      'level: must be one of the following values: 0, 1',
    ]);
    class Counted {
      @Type(() => Number) @IsInt() count!: number;
    }
    expect(issuesOf(await (await resolve(Counted)).validate({ count: '9007199254740993' }))).toEqual([
      'count: must be an integer between -(2^53 - 1) and 2^53 - 1',
    ]);
  });

  it('while numbers of an enum pass', async () => {
    expect(valueOf(await (await resolve(Choices)).validate({ a: 1, b: 'two', h: [0] }))).toMatchObject({
      a: Level.High,
      b: Mixed.Two,
    });
  });
});
