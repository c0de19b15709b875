import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsDate,
  IsEnum,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { DtoClass } from '../../../lib/schema/class-validator.js';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

enum Level {
  Low,
  High,
}

class Cents {
  @Transform(({ value }) => Math.round((value as number) * 100)) @IsInt() cents!: number;
}

class Split {
  @Transform(({ value }) => (value as string).split(',')) @IsString({ each: true }) tags!: string[];
}

class Renamed {
  @Expose({ name: 'first_name' }) @IsString() firstName!: string;
  @Expose({ name: 'nested_name' }) @ValidateNested() @Type(() => Cents) nested!: Cents;
}

abstract class Pet {
  @IsString() kind!: string;
}

class Cat extends Pet {
  @IsInt() lives!: number;
}

class Dog extends Pet {
  @IsString() breed!: string;
}

const subTypes = [
  { name: 'cat', value: Cat },
  { name: 'dog', value: Dog },
];

class Owner {
  @ValidateNested({ each: true })
  @Type(() => Object, { discriminator: { property: 'kind', subTypes }, keepDiscriminatorProperty: true })
  pets!: (Cat | Dog)[];
}

class Beast {
  @IsInt() legs!: number;
}

class Bird extends Beast {
  @IsBoolean() flies!: boolean;
}

class Keeper {
  @ValidateNested()
  @Type(() => Beast, {
    discriminator: {
      property: 'type',
      subTypes: [
        { name: 'beast', value: Beast },
        { name: 'bird', value: Bird },
      ],
    },
  })
  beast!: Beast;
}

class Orders {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Cents) list!: Cents[];
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Cents) set?: Set<Cents>;
}

class Prices {
  @ValidateNested({ each: true }) @Type(() => Cents) byName!: Map<string, Cents>;
}

class Scalars {
  @IsOptional() @IsDate() @Type(() => Date) at?: Date;
  @IsOptional() @IsInt() @Min(1) @Type(() => Number) count?: number;
  @IsOptional() @IsEnum(Colour) colour?: Colour;
  @IsOptional() @IsEnum(Level) level?: Level;
  @IsOptional() @IsIn(['a', 1]) choice?: string | number;
  @IsOptional() @IsString({ each: true }) @Type(() => String) names?: Set<string>;
}

class Defaults {
  @IsInt() limit: number = 10;
  @IsOptional() @IsString() sort?: string = 'name';
  @Transform(({ value }) => (value as unknown) ?? 'none') @IsString() filter: string = 'all';
}

class Base {
  @Transform(({ value }) => `${value as string}!`) @MaxLength(5) text!: string;
}

class Derived extends Base {
  @Exclude() secret?: string;
  @Allow() anything?: unknown;
  @ValidateIf(({ text }: Derived) => text === 'a!') @IsInt() number?: number;

  get shout(): string {
    return this.text.toUpperCase();
  }
}

/** A class for each feature, with values that fit it and values that do not. */
export const FEATURES: Readonly<Record<string, readonly [DtoClass, readonly object[]]>> = {
  transform: [Cents, [{ cents: 1.5 }, { cents: 0.001 }, { cents: 'x' }, {}]],
  split: [Split, [{ tags: 'a,b' }, { tags: '' }]],
  renamed: [
    Renamed,
    [
      { first_name: 'Ada', nested_name: { cents: 2 } },
      { first_name: 'Ada', nested_name: { cents: 'x' } },
      { firstName: 'Ada' },
    ],
  ],
  discriminator: [
    Owner,
    [
      {
        pets: [
          { kind: 'cat', lives: 9 },
          { kind: 'dog', breed: 'pug' },
        ],
      },
      { pets: [{ kind: 'cat', breed: 'pug' }] },
    ],
  ],
  droppedDiscriminator: [
    Keeper,
    [{ beast: { type: 'bird', legs: 2, flies: true } }, { beast: { type: 'bird', legs: 2 } }],
  ],
  nested: [
    Orders,
    [
      { list: [{ cents: 1.5 }, { cents: 2 }], set: [{ cents: 3 }] },
      { list: [] },
      { list: [{ cents: 'x' }] },
      { list: [1] },
    ],
  ],
  map: [Prices, [{ byName: { a: { cents: 1.5 } } }, { byName: { a: { cents: 'x' } } }, { byName: {} }]],
  scalars: [
    Scalars,
    [
      { at: '2026-01-02', count: '3', colour: 'red', level: 1, choice: 1, names: ['a', 'b'] },
      { at: 'never' },
      { count: '0' },
      { colour: 'green' },
      { level: 7 },
      { choice: '1' },
      {},
    ],
  ],
  defaults: [Defaults, [{}, { limit: 3, sort: 'age' }, { limit: '3' }, { filter: 'x' }]],
  inherited: [
    Derived,
    [
      { text: 'a', number: 1, anything: [{}] },
      { text: 'a', number: 'x' },
      { text: 'b', number: 1 },
      { text: 'too long' },
    ],
  ],
};
