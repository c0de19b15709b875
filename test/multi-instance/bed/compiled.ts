import { transform, type Options } from '@swc/core';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const FIXTURE = 'test/multi-instance/fixture';

const settings: Options = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    target: 'es2022',
    keepClassNames: true,
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** The package by its names, as the fixture imports it. */
const OWN: Readonly<Record<string, string>> = {
  'nestjs-mcp-adapters': 'lib/index.js',
  'nestjs-mcp-adapters/adapters': 'lib/adapters/index.js',
  'nestjs-mcp-adapters/redis': 'lib/adapters/redis/index.js',
  'nestjs-mcp-adapters/postgres': 'lib/adapters/postgres/index.js',
  'nestjs-mcp-adapters/nats': 'lib/adapters/nats/index.js',
};

/**
 * Compiles what has changed of the library and the fixture, and gives the program to run. Processes that load
 * JavaScript start in half the time of those that compile as they load.
 */
export async function compiledFixture(program = 'main'): Promise<string> {
  const version = createHash('sha256')
    .update(JSON.stringify([root, settings]))
    .digest('hex')
    .slice(0, 8);
  const output = join(root, 'node_modules/.cache/multi-instance', version);
  const manifest = { type: 'module', imports: { '#schema-engine': './lib/schema/ajv-engine.js' } };
  await put(join(output, 'package.json'), JSON.stringify(manifest));
  const sources = [...(await typescriptIn('lib')), ...(await typescriptIn(FIXTURE))];
  await Promise.all(sources.map((source) => compile(source, output)));
  return join(output, FIXTURE, `${program}.js`);
}

async function typescriptIn(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

async function compile(source: string, output: string): Promise<void> {
  const input = join(root, source);
  const target = join(output, source.replace(/\.ts$/, '.js'));
  const { mtime } = await stat(input);
  const before = await stat(target).catch(() => undefined);
  if (before?.mtimeMs === mtime.getTime()) return;
  const text = (await readFile(input, 'utf8')).replace(
    /'(nestjs-mcp-adapters(?:\/\w+)?)'/g,
    (quoted, name: string) => {
      const own = source.startsWith(FIXTURE) ? OWN[name] : undefined;
      return own === undefined ? quoted : `'${relative(dirname(source), own)}'`;
    },
  );
  const { code } = await transform(text, { ...settings, filename: input });
  await put(target, code, mtime);
}

/** Several test files may do this at the same time: nobody is to find half a file. */
async function put(target: string, text: string, mtime?: Date): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  await writeFile(unfinished, text);
  if (mtime) await utimes(unfinished, mtime, new Date(mtime.getTime()));
  await rename(unfinished, target);
}
