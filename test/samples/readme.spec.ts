import { expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startApp } from '../support/app.js';
import { legacy } from '../support/http.js';
import { AppModule } from './readme/app.module.js';

const root = join(import.meta.dirname, '..', '..');

const pages = [
  'README.md',
  ...list('sample')
    .filter((file) => file.endsWith('/README.md'))
    .map((file) => join('sample', file)),
];

const sources = ['sample', 'test'].flatMap((folder) =>
  list(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => withoutSpace(read(join(folder, file)))),
);

it.each(pages)('every TypeScript block of %s is taken from a compiled file', (page) => {
  const blocks = Array.from(
    read(page).matchAll(/^```(?:ts|typescript)\n(.*?)^```/gms),
    ([, code = '']) => code,
  );
  const invented = blocks.filter((code) => !sources.some((source) => source.includes(withoutSpace(code))));
  expect(invented).toEqual([]);
});

it.each(pages)('every npm script that %s names exists', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = Array.from(
    read(page).matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g),
    ([, script, name]) => script ?? name,
  );
  expect(named.filter((name) => name !== undefined && !(name in scripts))).toEqual([]);
});

it('the example of README.md works', async () => {
  const { post, close } = await startApp({ imports: [AppModule] });
  const { json } = await post(
    legacy('tools/call', { name: 'time_in', arguments: { zone: 'Europe/Lisbon' } }),
  );
  expect(json.result.content[0].text).toMatch(/^\d\d\/\d\d\/\d{4}, \d\d:\d\d:\d\d$/);
  await close();
});

function list(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files.map((file) => file.replaceAll('\\', '/')).filter((file) => !file.includes('node_modules/'));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
