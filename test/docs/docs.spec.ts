import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { makeTemporaryFolder, root, run } from '../package/support.js';

let folder: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder();
}, 10_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it('npm run docs writes a reference of every entry point, without a warning', async () => {
  await run('npm', ['run', '--silent', 'docs', '--', folder], root);
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports).filter((name) => name !== './package.json');
  const pages = names.map((name) => `modules/nestjs-mcp-adapters${name.slice(1).replaceAll('/', '_')}.html`);
  expect(pages.filter((page) => !existsSync(join(folder, page)))).toEqual([]);
}, 240_000);

it('every link of its pages leads to a file', () => {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  );
  expect(pages.length).toBeGreaterThan(100);
  const dead = pages.flatMap((page) =>
    Array.from(
      readFileSync(join(folder, page), 'utf8').matchAll(/(?:href|src)="([^"]+)"/g),
      ([, link = '']) => link.replace(/[?#].*$/s, ''),
    )
      .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(folder, normalize(join(dirname(page), decodeURI(link))))))
      .map((link) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});

it('llms.txt lists every page and every entry point', () => {
  const text = readFileSync(join(folder, 'llms.txt'), 'utf8');
  const links = Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  expect(links).toEqual(
    expect.arrayContaining(['README.md', 'sample/testing.md', 'modules/nestjs-mcp-adapters_redis.html']),
  );
});
