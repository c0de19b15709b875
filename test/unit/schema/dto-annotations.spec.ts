import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import * as plain from '@nestjs/mapped-types';
import * as swagger from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, MinLength, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { publish, resolve } from './support.js';

enum Size {
  Small = 'small',
  Large = 'large',
}

class Described {
  @JSONSchema({ description: 'Full name' }) @IsString() @MinLength(2) name!: string;
  @swagger.ApiProperty({ description: 'In years', example: 42, default: 18, minimum: 5, type: 'string' })
  @IsInt()
  age!: number;
  @swagger.ApiPropertyOptional({ enum: Size, title: 'Size' }) @IsOptional() @IsString() size?: Size;
  @swagger.ApiProperty({ enum: Size, isArray: true }) @IsArray() sizes!: Size[];
}

class Other {
  @JSONSchema({ description: 'Where' }) @IsString() place!: string;
}

const NAME = { type: 'string', minLength: 2, description: 'Full name' };
const AGE = { type: 'integer', minimum: 5, description: 'In years', default: 18, examples: [42] };
const SIZE = { type: 'string', enum: ['small', 'large'], title: 'Size' };
const SIZES = { type: 'array', items: { type: 'string', enum: ['small', 'large'] } };
const ALL = { name: NAME, age: AGE, size: SIZE, sizes: SIZES };

describe('descriptions of a DTO', () => {
  it('are read from @ApiProperty() and @JSONSchema(); decorators of class-validator win over types', async () => {
    expect(await publish(Described)).toEqual({
      type: 'object',
      properties: ALL,
      required: ['name', 'age', 'sizes'],
    });
  });

  it.each([
    ['@nestjs/mapped-types', plain],
    ['@nestjs/swagger', swagger],
  ])('survive the mapped types of %s', async (_, { PartialType, PickType, OmitType, IntersectionType }) => {
    class Update extends PartialType(Described) {}
    const partial = await publish(Update);
    expect(partial['properties']).toEqual(ALL);
    expect(partial['required']).toBeUndefined();
    class Picked extends PickType(Described, ['name']) {}
    expect((await publish(Picked))['properties']).toEqual({ name: NAME });
    class Omitted extends OmitType(Described, ['name', 'size', 'sizes']) {}
    expect((await publish(Omitted))['properties']).toEqual({ age: AGE });
    class Both extends IntersectionType(Described, Other) {}
    expect((await publish(Both))['properties']).toEqual({
      ...ALL,
      place: { type: 'string', description: 'Where' },
    });
    class Nested extends PartialType(PickType(Described, ['name', 'age'])) {}
    expect((await publish(Nested))['properties']).toEqual({ name: NAME, age: AGE });
  });

  it('of the class survive as well, a closed class included', async () => {
    @JSONSchema({ description: 'A user', additionalProperties: false })
    class User {
      @IsString() id!: string;
    }
    class Update extends plain.PartialType(User) {}
    expect(await publish(Update)).toMatchObject({ description: 'A user', additionalProperties: false });
    expect((await (await resolve(Update)).validate({ x: 1 })).ok).toBe(false);
  });

  it('are not taken from a class that merely has a property of this name', async () => {
    class Unrelated {
      @IsString() name!: string;
    }
    expect(await publish(Unrelated)).toMatchObject({ properties: { name: { type: 'string' } } });
    expect(JSON.stringify(await publish(Unrelated))).not.toContain('Full name');
  });
});

describe('a property with an initialiser', () => {
  it('is not required, unless the initial value says nothing', async () => {
    class Place {
      @IsString() city = 'Graz';
    }
    class Search {
      @IsInt() limit = 20;
      @IsString() empty = '';
      @IsString() query!: string;
      @IsArray() tags: string[] = [];
      @ValidateNested() @Type(() => Place) place = new Place();
    }
    expect((await publish(Search))['required']).toEqual(['empty', 'query']);
    expect(await (await resolve(Search)).validate({ query: 'x', empty: '' })).toMatchObject({
      ok: true,
      value: { limit: 20, tags: [], place: { city: 'Graz' } },
    });
    expect(JSON.stringify(await publish(Search))).not.toContain('Graz');
  });
});

describe('a class that a discriminator chooses', () => {
  it('stays closed to everything but the discriminator', async () => {
    class Pet {}
    @JSONSchema({ additionalProperties: false })
    class Cat extends Pet {
      @IsInt() lives!: number;
    }
    class Owner {
      @ValidateNested()
      @Type(() => Pet, { discriminator: { property: 'kind', subTypes: [{ name: 'cat', value: Cat }] } })
      pet!: Pet;
    }
    const schema = await resolve(Owner);
    expect((await schema.validate({ pet: { kind: 'cat', lives: 9 } })).ok).toBe(true);
    expect((await schema.validate({ pet: { kind: 'cat', lives: 9, x: 1 } })).ok).toBe(false);
  });
});
