import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { AppModule } from '../../sample/01-quick-start/app.module.js';
import { startApp } from '../support/app.js';
import { legacy } from '../support/http.js';

const root = join(import.meta.dirname, '..', '..');

/** Pages for users: in the root, and about samples. */
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...list('sample')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `sample/${file}`),
];

const sources = ['sample', 'test'].flatMap((folder) =>
  list(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => withoutSpace(read(join(folder, file)))),
);

describe.each(pages)('%s', (page) => {
  it('takes every TypeScript block from a compiled file', () => {
    // The history tells what was, in examples of its time.
    if (page === 'CHANGELOG.md') return;
    // A test for Vitest is run by test/newcomer, in an application that has it.
    const invented = blocksOf(page, 'ts|typescript').filter(
      (code) =>
        !code.includes("from 'vitest'") && !sources.some((source) => source.includes(withoutSpace(code))),
    );
    expect(invented).toEqual([]);
  });

  it('names npm scripts and samples that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const text = read(page);
    const named = Array.from(
      text.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g),
      ([, script, name]) => script ?? name,
    );
    expect(named.filter((name) => name !== undefined && !(name in scripts))).toEqual([]);
    const samples = readdirSync(join(root, 'sample'));
    const started = Array.from(
      text.matchAll(/\bnpm (?:start|run inspect)(?: --)? (\d\d[\w-]*)/g),
      ([, name = '']) => name,
    );
    expect(started.filter((name) => !samples.some((sample) => sample.startsWith(name)))).toEqual([]);
  });

  it('holds JSON that can be parsed', () => {
    for (const block of blocksOf(page, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
  });

  it('leads to files and headings that are there', () => {
    const dead = linksOf(page).filter(({ file, heading }) => {
      if (!existsSync(join(root, file))) return true;
      return heading !== undefined && !headingsOf(file).includes(heading);
    });
    expect(dead).toEqual([]);
  });
});

describe('README.md', () => {
  const readme = read('README.md');

  it('is small, and keeps its order', () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(9_000);
    expect(Array.from(readme.matchAll(/^## (.*)$/gm), ([, title]) => title)).toEqual([
      ...['Install', 'Write a tool', 'Connect a client', 'Call it by hand'],
      ...['What you get', 'Choose an adapter', 'Try this repository', 'Read on'],
    ]);
  });

  it('names no revision before it shows what to write', () => {
    expect(readme.slice(0, readme.indexOf('## Install'))).not.toMatch(/\d{4}-\d\d-\d\d/);
  });

  it('shows a whole module, of about twenty lines, that is the first sample', () => {
    const [code = ''] = blocksOf('README.md', 'ts');
    expect(code).toBe(read('sample/01-quick-start/app.module.ts'));
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(22);
  });

  it('connects clients to a URL that answers', async () => {
    const app = await startApp({ imports: [AppModule] });
    const [vsCode, cursor] = blocksOf('README.md', 'json').map((block) => JSON.parse(block));
    const [, command = ''] = /^(claude mcp add .*)$/m.exec(readme) ?? [];
    const urls = [
      vsCode.servers.clock.url,
      cursor.mcpServers.clock.url,
      command.split(' ').at(-1),
    ] as string[];
    expect(vsCode.servers.clock.type).toBe('http');
    expect(command).toMatch(/^claude mcp add --transport http clock http/);
    for (const url of urls) {
      const { pathname, port } = new URL(url);
      expect(port).toBe('3000');
      const answer = await fetch(app.origin + pathname, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
      expect(await answer.json()).toMatchObject({ result: { tools: [{ name: 'time_in' }] } });
    }
    await app.close();
  });

  it('shows the settings that the page for browsers shows', async () => {
    const app = await startApp({ imports: [AppModule] });
    const page = await (await fetch(app.url, { headers: { Accept: 'text/html' } })).text();
    const shown = page
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', '')
      .replaceAll(app.url, 'http://localhost:3000/mcp');
    const [, command = ''] = /^(claude mcp add .*)$/m.exec(readme) ?? [];
    expect(shown).toContain(command);
    const [vsCode = '', cursor = ''] = blocksOf('README.md', 'json');
    expect(withoutSpace(shown)).toContain(withoutSpace(vsCode));
    expect(withoutSpace(shown)).toContain(withoutSpace(cursor));
    await app.close();
  });

  it('has a call for curl, whose answer it shows', async () => {
    const app = await startApp({ imports: [AppModule], wire: false });
    const [, command = ''] = /```sh\n(curl [^]*?)```/.exec(readme) ?? [];
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      command.replace('http://localhost:3000', app.origin),
    ]);
    const shown = blocksOf('README.md', 'json').at(-1) ?? '';
    const withoutTime = (text: string) => withoutSpace(text).replace(/\d\d(?=[/:"])|\d{4},/g, 'N');
    expect(withoutTime(stdout)).toBe(withoutTime(shown).replace(/\d\d:/g, 'N:'));
    await app.close();
  });

  it('has a program that calls the tool', async () => {
    const app = await startApp({ imports: [AppModule] });
    const inner = globalThis.fetch;
    globalThis.fetch = (url, init) =>
      inner(url instanceof Request ? url : String(url).replace('http://localhost:3000', app.origin), init);
    try {
      const { content } = await import('./readme/official-client.js');
      expect(content).toEqual([{ type: 'text', text: expect.stringMatching(/^\d\d\/\d\d\/\d{4}, /) }]);
    } finally {
      globalThis.fetch = inner;
      await app.close();
    }
  });

  it('has an example that works', async () => {
    const { post, close } = await startApp({ imports: [AppModule] });
    const { json } = await post(
      legacy('tools/call', { name: 'time_in', arguments: { zone: 'Europe/Lisbon' } }),
    );
    expect(json.result.content[0].text).toMatch(/^\d\d\/\d\d\/\d{4}, \d\d:\d\d:\d\d$/);
    await close();
  });
});

it('sample/README.md lists every guide and every sample', () => {
  const listed = linksOf('sample/README.md').map(({ file }) => file);
  const expected = pages.filter((page) => page.startsWith('sample/') && page !== 'sample/README.md');
  expect(listed.toSorted()).toEqual(expected.toSorted());
});

/** Code blocks of a kind, also those within a list. */
function blocksOf(page: string, kinds: string): string[] {
  const blocks = read(page).matchAll(new RegExp(`^( *)\`\`\`(?:${kinds})\\n(.*?)^\\1\`\`\``, 'gms'));
  return Array.from(blocks, ([, , code = '']) => code);
}

interface Link {
  readonly file: string;
  readonly heading?: string;
}

/** Links to files of the repository, from its root. */
function linksOf(page: string): Link[] {
  const text = read(page).replace(/^ *```.*?^ *```/gms, '');
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path)).replaceAll('\\', '/');
      return { file, ...(heading !== undefined && { heading }) };
    });
}

/** The names that GitHub gives to the headings of a page. */
function headingsOf(page: string): string[] {
  const text = read(page).replace(/^ *```.*?^ *```/gms, '');
  return Array.from(text.matchAll(/^#+ (.*)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

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
