import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Transform } from 'class-transformer';
import { IsString, Matches } from 'class-validator';
import { z } from 'zod';
import { resolveSchema } from '../../../lib/schema/resolve-schema.js';
import type { SchemaSource } from '../../../lib/schema/schema-source.js';

const resolve = (source: SchemaSource) => resolveSchema(source, { direction: 'input', where: 'a test' });
const TOO_LONG = { ok: false, issues: [{ path: '', message: 'takes too long to check' }] };
const EXPLOSIVE = /^(a+)+$/;
const HOSTILE = `${'a'.repeat(50)}!`;

class MatchedDto {
  @IsString()
  @Matches(EXPLOSIVE)
  text!: string;
}

class FlaggedDto {
  @Matches(/^(a+)+$/i)
  text!: string;
}

const PATTERN = {
  type: 'object',
  properties: { text: { type: 'string', pattern: EXPLOSIVE.source } },
};

describe('a value that would take ages to check is refused', () => {
  it('by a pattern that repeats what it repeats', async () => {
    const schema = await resolve(PATTERN);
    expect(await schema.validate({ text: HOSTILE })).toEqual(TOO_LONG);
    expect(await schema.validate({ text: 'aaa' })).toMatchObject({ ok: true });
    expect(await schema.validate({ text: 'b' })).toMatchObject({ ok: false });
  });

  it('by a pattern much of which may be left out', async () => {
    const pattern = `^${'a?'.repeat(40)}b$`;
    const schema = await resolve({ type: 'object', properties: { text: { type: 'string', pattern } } });
    expect(await schema.validate({ text: 'a'.repeat(40) })).toEqual(TOO_LONG);
    expect(await schema.validate({ text: 'aab' })).toMatchObject({ ok: true });
  });

  it('by a pattern that is matched against a long text', async () => {
    const schema = await resolve({
      type: 'object',
      properties: { text: { type: 'string', pattern: '\\s+$' } },
    });
    expect(await schema.validate({ text: `${' '.repeat(2_000_000)}!` })).toEqual(TOO_LONG);
    expect(await schema.validate({ text: `${'x'.repeat(2_000_000)} ` })).toMatchObject({ ok: true });
  });

  it('by a pattern for names of properties', async () => {
    const schema = await resolve({ type: 'object', patternProperties: { [EXPLOSIVE.source]: {} } });
    expect(await schema.validate({ [HOSTILE]: 1 })).toEqual(TOO_LONG);
  });

  it('by a format that is matched against a long text', async () => {
    const schema = await resolve({ type: 'object', properties: { at: { type: 'string', format: 'url' } } });
    expect(await schema.validate({ at: `http://${':'.repeat(500_000)}` })).toEqual(TOO_LONG);
  });

  it('by comparing every member with every other', async () => {
    const schema = await resolve({
      type: 'object',
      properties: { all: { type: 'array', uniqueItems: true } },
    });
    const all = Array.from({ length: 90_000 }, (_, a) => ({ a }));
    expect(await schema.validate({ all })).toEqual(TOO_LONG);
  });

  it('by choices that double with every level', async () => {
    const node = (type: string) => ({
      properties: { child: { $ref: '#/$defs/any' }, type: { const: type } },
      required: ['type'],
    });
    const schema = await resolve({
      type: 'object',
      properties: { root: { $ref: '#/$defs/any' } },
      $defs: { any: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }] }, a: node('a'), b: node('b') },
    });
    let root: object = { type: 'neither' };
    for (let depth = 0; depth < 60; depth++) root = { child: root, type: 'b' };
    expect(await schema.validate({ root })).toEqual(TOO_LONG);
  });

  it('by more properties than class-transformer copes with', async () => {
    const schema = await resolve(MatchedDto);
    const many = Object.fromEntries(Array.from({ length: 99_000 }, (_, key) => [`k${key}`, 1]));
    expect(await schema.validate({ text: 'a', ...many })).toEqual({
      ok: false,
      issues: [{ path: '', message: 'has more than 10000 properties' }],
    });
  });
});

describe('code of a user is never ended in the middle', () => {
  // Longer than any limit, and in a loop that a script with a timeout would end.
  const work = () => {
    const end = performance.now() + 800;
    while (performance.now() < end);
  };

  it.each<[string, (log: string[]) => SchemaSource]>([
    [
      'zod',
      (log) =>
        z.object({
          text: z.string().refine(() => {
            try {
              work();
              return true;
            } finally {
              log.push('finally');
            }
          }),
        }),
    ],
    [
      'a DTO class',
      (log) => {
        class Slow {
          @Transform(({ value }) => {
            try {
              work();
              return value as unknown;
            } finally {
              log.push('finally');
            }
          })
          @IsString()
          text!: string;
        }
        return Slow;
      },
    ],
  ])('as by %s, however large the value', async (_, create) => {
    const log: string[] = [];
    const schema = await resolve(create(log));
    expect(await schema.validate({ text: 'a'.repeat(5_000) })).toMatchObject({ ok: true });
    expect(log).toEqual(['finally']);
  });
});

describe('a pattern that nothing limits is warned of', () => {
  const warningsOf = async (source: SchemaSource) => {
    const warnings: string[] = [];
    await resolveSchema(source, {
      direction: 'input',
      where: 'A.tool input',
      warn: (text) => warnings.push(text),
    });
    return warnings;
  };

  it.each<[string, SchemaSource]>([
    ['zod', z.object({ text: z.string().regex(EXPLOSIVE) })],
    ['a DTO class', MatchedDto],
    ['a DTO class, with flags', FlaggedDto],
  ])('in %s', async (_, source) => {
    const [warning, ...others] = await warningsOf(source);
    expect(warning).toContain('A.tool input: the pattern ^(a+)+$ can take very long');
    expect(others).toEqual([]);
  });

  it('but not one of JSON Schema, which is limited, nor one that is harmless', async () => {
    expect(await warningsOf(PATTERN)).toEqual([]);
    const harmless = [
      /^[a-z]+$/,
      /^\d{3}-\d{4}$/,
      /^\d+(,\d+)*$/,
      /^(foo|bar)+$/,
      /^([a-z0-9]+-)*[a-z0-9]+$/,
    ];
    for (const pattern of harmless) {
      expect(await warningsOf(z.object({ text: z.string().regex(pattern) }))).toEqual([]);
    }
    const built = [z.email(), z.uuid(), z.iso.datetime(), z.ipv6(), z.url(), z.base64()];
    expect(await warningsOf(z.object(Object.fromEntries(built.entries())))).toEqual([]);
  });

  it.each([['(a|aa)+$'], ['(.*)\\1'], ['(\\w+\\s?)*$'], ['((a+)b?)*$'], ['([a-z]+[0-9]*)+$']])(
    '%s',
    async (pattern) => {
      expect(await warningsOf(z.object({ text: z.string().regex(new RegExp(pattern)) }))).toHaveLength(1);
    },
  );
});

it('a large value that is checked quickly is checked as ever', async () => {
  const schema = await resolve({
    type: 'object',
    properties: { all: { type: 'array', items: { type: 'number' } } },
  });
  const all = Array.from({ length: 100_000 }, (_, number) => number);
  expect(await schema.validate({ all })).toEqual({ ok: true, value: { all } });
  expect(await schema.validate({ all: [...all, 'x'] })).toMatchObject({ ok: false });
});

it('what a handler returns has all the time it takes', async () => {
  const source = { type: 'object', properties: { text: { type: 'string', pattern: '^(a|aa)+$' } } };
  const schema = await resolveSchema(source, { direction: 'output', where: 'a test' });
  expect(await schema.validate({ text: `${'a'.repeat(24)}!` })).toMatchObject({
    ok: false,
    issues: [{ path: 'text', message: expect.stringContaining('pattern') }],
  });
});
