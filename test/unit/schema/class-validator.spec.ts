import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Expose, Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  MinLength,
  ValidateNested,
  registerDecorator,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { issuesOf, resolve, valueOf } from './support.js';

class Item {
  @IsString() name!: string;
}

class Order {
  @IsInt() id!: number;
  @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
  @IsOptional() @ValidateNested() first?: Item;
  extra?: string;

  get count(): number {
    return this.items.length;
  }
}

function Taken(validate: (value: unknown) => boolean | Promise<boolean>): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'taken',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: { validate, defaultMessage: () => 'is taken' },
    });
}

async function check(dto: new () => object, value: unknown): Promise<string[]> {
  return issuesOf(await (await resolve(dto)).validate(value));
}

describe('input of a DTO class', () => {
  it('becomes an instance, nested classes with and without @Type included', async () => {
    const schema = await resolve(Order);
    const order = valueOf(
      await schema.validate({ id: 1, items: [{ name: 'a' }], first: { name: 'b' } }),
    ) as Order;
    expect(order).toBeInstanceOf(Order);
    expect(order.items[0]).toBeInstanceOf(Item);
    expect(order.first).toBeInstanceOf(Item);
    expect(order.count).toBe(1);
  });

  it('reports nested issues at dotted paths', async () => {
    expect(await check(Order, { id: 'x', items: [{ name: 'a' }, { name: 1 }], first: {} })).toEqual([
      'id: id must be an integer number',
      'items.1.name: name must be a string',
      'first.name: name must be a string',
    ]);
  });

  it.each([[null], [[]], [[{ id: 1 }]], ['text'], [1], [true], [undefined]])(
    'refuses %j at the root',
    async (value) => {
      expect(await check(Order, value)).toEqual([': must be an object']);
    },
  );

  it('needs a class that can be created without arguments', async () => {
    class Picky {
      @IsString() name: string;
      constructor(source: { name: string }) {
        this.name = source.name;
      }
    }
    await expect(resolve(Picky)).rejects.toThrow('Picky cannot be created without arguments');
  });

  it('loses unknown properties, and keeps the value it was given', async () => {
    const value = { id: 1, items: [{ name: 'a', sneaky: 1 }], extra: 'x', admin: true };
    const before = structuredClone(value);
    const order = valueOf(await (await resolve(Order)).validate(value));
    expect(JSON.parse(JSON.stringify(order))).toEqual({ id: 1, items: [{ name: 'a' }] });
    expect(value).toEqual(before);
  });

  it('refuses unknown properties of a class that says so, and only there', async () => {
    @JSONSchema({ additionalProperties: false })
    class Closed {
      @IsString() name!: string;
      cache = new Map();
    }
    class Open {
      @ValidateNested() @Type(() => Closed) closed!: Closed;
    }
    expect(await check(Closed, { name: 'a' })).toEqual([]);
    expect(await check(Closed, { name: 'a', b: 1 })).toEqual(['b: is not allowed']);
    expect(await check(Open, { closed: { name: 'a', b: 1 }, c: 1 })).toEqual(['closed.b: is not allowed']);
  });

  it('holds what nested properties publish: presence, one or many', async () => {
    expect(await check(Order, { id: 1 })).toEqual(['items: is required']);
    expect(await check(Order, { id: 1, items: { name: 'a' } })).toEqual(['items: must be an array']);
    expect(await check(Order, { id: 1, items: [], first: [{ name: 'a' }] })).toEqual([
      'first: must be an object',
    ]);
    expect(await check(Order, { id: 1, items: [null] })).toEqual([
      'items.0: each value in nested property items must be either object or array',
    ]);
  });

  it('keeps everything in a class without decorators, nested or not', async () => {
    class Free {}
    class Holder {
      @ValidateNested() @Type(() => Free) free!: Free;
    }
    expect(valueOf(await (await resolve(Free)).validate({ a: 1 }))).toEqual(
      Object.assign(new Free(), { a: 1 }),
    );
    const held = valueOf(await (await resolve(Holder)).validate({ free: { a: 1 }, b: 1 }));
    expect(held).toEqual(Object.assign(new Holder(), { free: Object.assign(new Free(), { a: 1 }) }));
  });

  it('converts only where @Type or @Transform asks for it', async () => {
    class Arguments {
      @Type(() => Number) @IsNumber() count!: number;
      @Transform(({ value }) => value === 'yes') @IsBoolean() flag!: boolean;
      @IsOptional() @IsInt() strict?: number;
    }
    const schema = await resolve(Arguments);
    expect(valueOf(await schema.validate({ count: '3', flag: 'yes' }))).toMatchObject({
      count: 3,
      flag: true,
    });
    expect(issuesOf(await schema.validate({ count: 'x', flag: 'yes', strict: '1' }))).toEqual([
      'count: count must be a number conforming to the specified constraints',
      'strict: strict must be an integer number',
    ]);
  });

  it('lets a @Transform make a nested object', async () => {
    class Wrapped {
      @ValidateNested()
      @Type(() => Item)
      @Transform(({ obj }) => Object.assign(new Item(), JSON.parse((obj as { item: string }).item)))
      item!: Item;
    }
    const schema = await resolve(Wrapped);
    expect(valueOf(await schema.validate({ item: '{"name":"a"}' }))).toMatchObject({ item: { name: 'a' } });
    expect(issuesOf(await schema.validate({ item: '{' }))).toEqual([
      ': holds a value that cannot be converted',
    ]);
  });

  it('is named as on the wire', async () => {
    class Renamed {
      @Expose({ name: 'full_name' }) @IsString() fullName!: string;
    }
    expect(await check(Renamed, {})).toEqual(['full_name: fullName must be a string']);
    expect(valueOf(await (await resolve(Renamed)).validate({ full_name: 'x' }))).toMatchObject({
      fullName: 'x',
    });
  });

  it('applies no decorators of a group and drops what has no others', async () => {
    class Grouped {
      @IsString() @MinLength(5, { groups: ['strict'] }) name!: string;
      @IsString({ groups: ['admin'] }) role!: string;
    }
    const value = valueOf(await (await resolve(Grouped)).validate({ name: 'a', role: 1 }));
    expect(value).toEqual(Object.assign(new Grouped(), { name: 'a' }));
    expect(value).not.toHaveProperty('role', 1);
  });

  it('chooses a class by discriminator', async () => {
    class Pet {}
    class Cat extends Pet {
      @IsInt() lives!: number;
    }
    class Dog extends Pet {
      @IsString() breed!: string;
    }
    class Owner {
      @ValidateNested({ each: true })
      @Type(() => Pet, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { name: 'cat', value: Cat },
            { name: 'dog', value: Dog },
          ],
        },
      })
      pets!: Pet[];
    }
    const pets = [
      { kind: 'cat', lives: 9 },
      { kind: 'dog', breed: 'x' },
    ];
    const owner = valueOf(await (await resolve(Owner)).validate({ pets })) as Owner;
    expect(owner.pets[0]).toBeInstanceOf(Cat);
    expect(owner.pets[1]).toBeInstanceOf(Dog);
    expect(pets[0]).toEqual({ kind: 'cat', lives: 9 });
    expect(await check(Owner, { pets: [{ kind: 'cat', lives: 'x' }] })).toEqual([
      'pets.0.lives: lives must be an integer number',
    ]);
  });

  it('awaits a validator that is not declared asynchronous', async () => {
    class Account {
      @Taken(async () => false) name!: string;
    }
    expect(await check(Account, { name: 'a' })).toEqual(['name: is taken']);
  });

  it('passes on what a validator of the user throws', async () => {
    class Account {
      @Taken(() => {
        throw new TypeError('database is down');
      })
      name!: string;
    }
    await expect(check(Account, { name: 'a' })).rejects.toThrow('database is down');
  });

  it('is not harmed by keys that reach for prototypes', async () => {
    const text = `{"id":1,"items":[{"name":"a","__proto__":{"polluted":1}}],"__proto__":{"polluted":1},
      "constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":"x","count":5}`;
    const order = valueOf(await (await resolve(Order)).validate(JSON.parse(text))) as Order & {
      polluted?: unknown;
    };
    expect(order.polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(order)).toBe(Order.prototype);
    expect(order.constructor).toBe(Order);
    expect(Object.keys(order).sort()).toEqual(['first', 'id', 'items']);
    expect(order.count).toBe(1);
  });

  it('refuses a value nested beyond what the stack holds', async () => {
    class Node {
      @IsOptional() @ValidateNested() @Type(() => Node) next?: Node;
    }
    let deep = {};
    for (let level = 0; level < 100_000; level += 1) deep = { next: deep };
    expect((await (await resolve(Node)).validate(deep)).ok).toBe(false);
    let lessDeep = {};
    for (let level = 0; level < 1_500; level += 1) lessDeep = { next: lessDeep };
    expect(typeof (await (await resolve(Node)).validate(lessDeep)).ok).toBe('boolean');
  });
});

describe('output of a DTO class', () => {
  it('is returned as it was, plain or instance', async () => {
    const schema = await resolve(Order, 'output');
    const plain = { id: 1, items: [{ name: 'a' }], more: 1 };
    expect(valueOf(await schema.validate(plain))).toBe(plain);
    const instance = Object.assign(new Order(), plain);
    expect(valueOf(await schema.validate(instance))).toBe(instance);
    expect(instance).toMatchObject({ more: 1 });
  });

  it('is checked', async () => {
    const schema = await resolve(Order, 'output');
    expect(issuesOf(await schema.validate(Object.assign(new Order(), { id: 'x', items: [] })))).toEqual([
      'id: id must be an integer number',
    ]);
    expect(issuesOf(await schema.validate({ id: 1 }))).toEqual(['items: is required']);
  });
});
