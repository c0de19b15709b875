import { transform, type Options } from '@swc/core';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const FIXTURE = 'test/multi-instance/fixture';
const WITH_PROGRAMS = [FIXTURE, 'test/tasks', 'test/stdio/programs'];

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
  'nestjs-mcp-adapters/stdio': 'lib/stdio/index.js',
};

/** Compiles what has changed of the library and the fixture, and gives the program of the fixture to run. */
export function compiledFixture(program = 'main'): Promise<string> {
  return compiledProgram(`${FIXTURE}/${program}`);
}

/**
 * Compiles what has changed of the library and the folders with programs, and gives the one to run, which is named as a path
 * without extension. Processes that load JavaScript start in half the time of those that compile as they load.
 */
export async function compiledProgram(program: string): Promise<string> {
  const version = createHash('sha256')
    .update(JSON.stringify([root, settings]))
    .digest('hex')
    .slice(0, 8);
  const output = join(root, 'node_modules/.cache/multi-instance', version);
  const manifest = { type: 'module', imports: { '#schema-engine': './lib/schema/ajv-engine.js' } };
  await put(join(output, 'package.json'), JSON.stringify(manifest));
  const sources = await Promise.all(['lib', ...WITH_PROGRAMS].map(typescriptIn));
  await Promise.all(sources.flat().map((source) => compile(source, output)));
  return join(output, `${program}.js`);
}

async function typescriptIn(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(folder, name));
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
      const own = source.startsWith('lib') ? undefined : OWN[name];
      return own === undefined ? quoted : `'${relative(dirname(source), own)}'`;
    },
  );
  const { code } = await transform(text, { ...settings, filename: input });
  await put(target, code, mtime);
}

/** Writes at once: several test files may do this at the same time, and none is to find half a file. */
async function put(target: string, text: string, mtime?: Date): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  await writeFile(unfinished, text);
  if (mtime) await utimes(unfinished, mtime, new Date(mtime.getTime()));
  await rename(unfinished, target);
}
