import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Exclude, Expose, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { McpConfigurationError } from '../../../lib/protocol/configuration.error.js';
import { publish, resolve } from './support.js';

class Address {
  @IsString() city!: string;
  @IsOptional() @IsString() street?: string;
}

class Person {
  @JSONSchema({ description: 'Full name', 'x-mcp-header': 'Name' })
  @IsString()
  @MinLength(2)
  name!: string;

  @Min(0) @IsInt() age!: number;
  @ValidateNested() @Type(() => Address) home!: Address;
  @ValidateNested({ each: true }) @Type(() => Address) others!: Address[];
  @ValidateNested() work?: Address;
  @IsOptional() @IsArray() @ArrayMaxSize(2) @IsString({ each: true }) tags?: string[];
}

class Node {
  @IsString() name!: string;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Node) children?: Node[];
}

const ADDRESS = {
  type: 'object',
  properties: { city: { type: 'string' }, street: { type: 'string' } },
  required: ['city'],
};

describe('JSON Schema of a DTO class', () => {
  it('holds nested classes, alone and in lists', async () => {
    expect(await publish(Person)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2, description: 'Full name', 'x-mcp-header': 'Name' },
        age: { type: 'integer', minimum: 0 },
        home: { $ref: '#/$defs/Address' },
        others: { type: 'array', items: { $ref: '#/$defs/Address' } },
        work: { $ref: '#/$defs/Address' },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
      },
      required: ['name', 'age', 'home', 'others', 'work'],
      $defs: { Address: ADDRESS },
    });
  });

  it('refers to itself', async () => {
    const node = {
      type: 'object',
      properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Node' } } },
      required: ['name'],
    };
    expect(await publish(Node)).toEqual({ ...node, $defs: { Node: node } });
  });

  it('is equal whenever it is asked for', async () => {
    expect(await publish(Person)).toEqual(await publish(Person));
    expect((await resolve(Person, 'output')).jsonSchema).toEqual(await publish(Person));
  });

  it('keeps classes of the same name apart', async () => {
    const makeItem = (decorate: PropertyDecorator) => {
      class Item {
        value!: unknown;
      }
      decorate(Item.prototype, 'value');
      return Item;
    };
    const TextItem = makeItem(IsString());
    const NumberItem = makeItem(IsInt());
    class Pair {
      @ValidateNested() @Type(() => TextItem) text!: object;
      @ValidateNested() @Type(() => NumberItem) number!: object;
      @ValidateNested({ each: true }) @Type(() => TextItem) texts!: object[];
      @ValidateNested({ each: true }) @Type(() => NumberItem) numbers!: object[];
    }
    expect(await publish(Pair)).toEqual({
      type: 'object',
      properties: {
        text: { $ref: '#/$defs/Item' },
        number: { $ref: '#/$defs/Item2' },
        texts: { type: 'array', items: { $ref: '#/$defs/Item' } },
        numbers: { type: 'array', items: { $ref: '#/$defs/Item2' } },
      },
      required: ['text', 'number', 'texts', 'numbers'],
      $defs: {
        Item: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
        Item2: { type: 'object', properties: { value: { type: 'integer' } }, required: ['value'] },
      },
    });
  });

  it('describes a class without a name', async () => {
    const Anonymous = (() => class {})();
    Object.defineProperty(Anonymous, 'name', { value: '' });
    IsString()(Anonymous.prototype, 'a');
    class Holder {
      @ValidateNested() @Type(() => Anonymous) held!: object;
    }
    const anonymous = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    expect(await publish(Anonymous)).toEqual(anonymous);
    expect(await publish(Holder)).toMatchObject({ properties: { held: anonymous } });
  });

  it('inherits properties, nested ones included, and lets a subclass override them', async () => {
    class Base {
      @IsString() id!: string;
      @ValidateNested() @Type(() => Address) home!: Address;
      @IsString() kind!: unknown;
    }
    class Derived extends Base {
      @IsInt() declare kind: number;
    }
    expect(await publish(Derived)).toEqual({
      type: 'object',
      properties: { kind: { type: 'integer' }, id: { type: 'string' }, home: ADDRESS },
      required: ['kind', 'id', 'home'],
    });
    class Empty extends Base {}
    expect(await publish(Empty)).toMatchObject({ required: ['id', 'home', 'kind'] });
  });

  it('is an open object for a class without decorators, nested or not', async () => {
    class Free {}
    class Holder {
      @ValidateNested() @Type(() => Free) free!: Free;
    }
    expect(await publish(Free)).toEqual({ type: 'object' });
    expect(await publish(Holder)).toMatchObject({ properties: { free: { type: 'object' } } });
  });

  it('requires what is neither optional, conditional nor merely allowed', async () => {
    class Mixed {
      @IsString() always!: string;
      @IsOptional() @IsString() optional?: string;
      @ValidateIf(() => true) @IsString() conditional?: string;
      @IsString({ validateIf: () => true }) decoratedConditionally?: string;
      @Allow() allowed?: unknown;
    }
    expect(await publish(Mixed)).toEqual({
      type: 'object',
      properties: {
        always: { type: 'string' },
        optional: { type: 'string' },
        conditional: { type: 'string' },
        decoratedConditionally: { type: 'string' },
        allowed: {},
      },
      required: ['always'],
    });
  });

  it('leaves out decorators of a group and properties that have no others', async () => {
    class Grouped {
      @IsString() @MinLength(5, { groups: ['strict'] }) name!: string;
      @IsString({ groups: ['admin'] }) role!: string;
      @IsInt({ groups: ['admin'], always: true }) level!: number;
    }
    expect(await publish(Grouped)).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, level: { type: 'integer' } },
      required: ['name', 'level'],
    });
  });

  it('follows @Expose, @Exclude and class-level @JSONSchema', async () => {
    @JSONSchema({ description: 'A user', additionalProperties: false })
    class User {
      @Expose({ name: 'full_name' }) @JSONSchema({ title: 'Name' }) @IsString() fullName!: string;
      @Exclude() @IsString() secret!: string;
      @Exclude({ toPlainOnly: true }) @IsString() password!: string;
    }
    expect(await publish(User)).toEqual({
      type: 'object',
      description: 'A user',
      additionalProperties: false,
      properties: { full_name: { type: 'string', title: 'Name' }, password: { type: 'string' } },
      required: ['full_name', 'password'],
    });
  });

  it('offers the classes of a discriminator', async () => {
    class Pet {}
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
      @Type(() => Pet, { discriminator: { property: 'kind', subTypes } })
      pets!: Pet[];
    }
    const variant = (name: string, own: string, type: string) => ({
      type: 'object',
      properties: { [own]: { type }, kind: { type: 'string', const: name } },
      required: [own, 'kind'],
    });
    expect(await publish(Owner)).toMatchObject({
      properties: {
        pets: {
          type: 'array',
          items: { anyOf: [variant('cat', 'lives', 'integer'), variant('dog', 'breed', 'string')] },
        },
      },
    });
  });

  it('describes a Map of nested objects by its values', async () => {
    class Directory {
      @ValidateNested({ each: true }) @Type(() => Address) entries!: Map<string, Address>;
    }
    expect(await publish(Directory)).toMatchObject({
      properties: { entries: { type: 'object', additionalProperties: ADDRESS } },
    });
  });

  it('refuses a nested property whose class is not known', async () => {
    class Lost {
      @ValidateNested({ each: true }) items!: Address[];
    }
    await expect(publish(Lost)).rejects.toThrow(McpConfigurationError);
    await expect(publish(Lost)).rejects.toThrow(/Lost\.items has @ValidateNested\(\).*Add @Type/);
    class Dependent {
      @ValidateNested() @Type((help) => (help?.object['x'].y ? Address : Node)) item!: object;
    }
    await expect(publish(Dependent)).rejects.toThrow('Dependent.item');
  });

  it('refuses a reference of @JSONSchema that leads nowhere', async () => {
    class Referring {
      @JSONSchema({ $ref: '#/components/schemas/X' }) @Allow() x!: unknown;
    }
    await expect(publish(Referring)).rejects.toThrow('"#/components/schemas/X" does not resolve');
  });
});
