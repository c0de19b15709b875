import { describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../lib/adapters/redis/scripts');
const files = (await readdir(folder)).filter((file) => /\.scripts?\.ts$/.test(file));

function highest(text: string, name: 'KEYS' | 'ARGV'): number {
  return Math.max(0, ...[...text.matchAll(new RegExp(`${name}\\[(\\d+)\\]`, 'g'))].map(([, n]) => Number(n)));
}

describe.each(files)('%s', (file) => {
  it('says above each script what its keys, arguments and reply are', async () => {
    const text = await readFile(join(folder, file), 'utf8');
    const scripts = [...text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export const ([^]*?\n\);)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, header = '', code = ''] of scripts) {
      expect(header).toMatch(/Returns /);
      expect(highest(header, 'KEYS')).toBe(Number(/^ {2}(\d+),$/m.exec(code)?.[1]));
      expect(highest(header, 'KEYS')).toBeGreaterThanOrEqual(highest(code, 'KEYS'));
      expect(highest(header, 'ARGV')).toBe(highest(code, 'ARGV'));
    }
  });

  it('makes no key of its own', async () => {
    const text = await readFile(join(folder, file), 'utf8');
    const first = [...text.matchAll(/redis\.call\('([A-Z]+)', ([^,)]+)/g)].filter(
      ([, command]) => command !== 'TIME' && command !== 'PUBSUB',
    );
    expect(first.map(([, , key]) => key).filter((key) => !/^KEYS\[[\di]\]$/.test(key as string))).toEqual([]);
  });
});

it('has one name for each script', async () => {
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/new RedisScript<[^]*?>\(\s*'(\w+)'/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThanOrEqual(files.length);
  expect(new Set(names).size).toBe(names.length);
});
