import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { makeTemporaryFolder, packTarball, root, run } from './support.js';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports: Readonly<Record<string, any>>;
}

const bin = join(root, 'node_modules', '.bin');

let packed: string;
let tarball: string;
let contents: string;
let manifest: Manifest;

beforeAll(async () => {
  packed = await makeTemporaryFolder();
  tarball = await packTarball(packed);
  await mkdir(join(packed, 'unpacked'));
  await run('tar', ['-xzf', tarball, '-C', join(packed, 'unpacked')], packed);
  contents = join(packed, 'unpacked', 'package');
  manifest = JSON.parse(readFileSync(join(contents, 'package.json'), 'utf8')) as Manifest;
}, 60_000);

afterAll(() => rm(packed, { recursive: true, force: true }));

describe('the packed library', () => {
  it('holds the two builds and the pages for people, nothing else', () => {
    expect(readdirSync(contents).filter((entry) => !entry.endsWith('.md'))).toEqual([
      'LICENSE',
      'dist',
      'package.json',
      'sample',
    ]);
    expect(readdirSync(join(contents, 'dist')).sort()).toEqual(['cjs', 'esm']);
    const samples = readdirSync(join(contents, 'sample'), { recursive: true, encoding: 'utf8' });
    expect(samples.filter((file) => !/\.md$|^\d\d-[\w-]+$|[/\\]deployment\b/.test(file))).toEqual([]);
  });

  it('has no link that leads out of it', () => {
    const pages = readdirSync(contents, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.md'),
    );
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'REFERENCE.md', join('sample', 'README.md')]));
    const dead = pages.flatMap((page) =>
      Array.from(
        readFileSync(join(contents, page), 'utf8').matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g),
        ([, link = '']) => link,
      )
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(contents, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('holds no source maps, and is small', () => {
    const files = readdirSync(contents, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
    const sizes = files.map((file) => statSync(join(contents, file))).filter((entry) => entry.isFile());
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(3_500_000);
    const scripts = files.filter((file) => file.endsWith('.js'));
    expect(
      scripts.filter((file) => readFileSync(join(contents, file), 'utf8').includes('sourceMappingURL')),
    ).toEqual([]);
  });

  it('passes publint', async () => {
    await run(join(bin, 'publint'), ['run', '--strict', tarball], root);
  }, 60_000);

  it('passes attw for every entry point and every way of resolving it', async () => {
    await run(join(bin, 'attw'), ['--no-emoji', '--no-color', '--format', 'ascii', tarball], root);
  }, 60_000);

  it('exports every entry point that the sources have', () => {
    const sources = {
      './testing': 'lib/testing/index.ts',
      './redis': 'lib/adapters/redis/index.ts',
      './postgres': 'lib/adapters/postgres/index.ts',
      './nats': 'lib/adapters/nats/index.ts',
      './jwt': 'lib/auth/jwt/index.ts',
      './otel': 'lib/otel/index.ts',
      './adapters': 'lib/adapters/index.ts',
      './stdio': 'lib/stdio/index.ts',
      './fetch': 'lib/fetch/index.ts',
    };
    const present = Object.entries(sources).filter(([, file]) => existsSync(join(root, file)));
    expect(Object.keys(manifest.exports).sort()).toEqual(
      ['.', './package.json', ...present.map(([name]) => name)].sort(),
    );
  });

  it('is one and the same instance for require() and import()', async () => {
    await run(process.execPath, ['--input-type=commonjs', '--eval', loadTwice(entryPoints())], root);
  }, 60_000);

  it('has a CommonJS fallback that loads', async () => {
    const files = entryPoints().map((name) => manifest.exports[name].require.default);
    const script = files.map((file) => `require('${file}');`).join('\n');
    await run(process.execPath, ['--input-type=commonjs', '--eval', script], root);
  }, 60_000);
});

describe.each([
  ['module', 'import(name)'],
  ['commonjs', 'Promise.resolve(require(name))'],
])('without ioredis, as %s,', (type, load) => {
  beforeAll(async () => {
    const modules = join(packed, 'unpacked', 'node_modules');
    await rm(modules, { recursive: true, force: true });
    for (const name of ['@nestjs/common', 'reflect-metadata', 'rxjs', 'ajv', 'ajv-formats']) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    await symlink(contents, join(modules, 'nestjs-mcp-adapters'));
  });

  it('the entry point loads, and the first use says what to install', async () => {
    const script = `
      const name = 'nestjs-mcp-adapters/redis';
      ${load}.then(async ({ redisStore }) => {
        await redisStore({ url: 'redis://127.0.0.1:1' }).open().then(
          () => process.exit(1),
          ({ name, message }) => console.log(name, message),
        );
        process.exit(0);
      });`;
    const said = await run(
      process.execPath,
      [`--input-type=${type}`, '--eval', script],
      join(packed, 'unpacked'),
    );
    expect(said).toMatch(/^McpConfigurationError The package ioredis is needed .*npm install ioredis/);
  }, 30_000);
});

describe.each(['esm', 'cjs'])('the typings in dist/%s', (format) => {
  it('name only what is installed with the library', () => {
    const optional = (name: string): boolean => manifest.peerDependenciesMeta[name]?.optional === true;
    const installed = [
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.peerDependencies).filter((name) => !optional(name)),
    ];
    const leaks = declarations(join(contents, 'dist', format))
      .filter(({ file }) => !/^(?:adapters\/(?:redis|postgres|nats)|auth\/jwt|otel)\//.test(file))
      .flatMap(({ file, packages }) => packages.map((name) => ({ file, name })))
      .filter(({ name }) => !name.startsWith('node:') && !installed.includes(name));
    expect(leaks).toEqual([]);
  });
});

function entryPoints(): string[] {
  return Object.keys(manifest.exports).filter((name) => name !== './package.json');
}

/** A script that loads the library by its name, in both ways, and compares what it got. */
function loadTwice(names: readonly string[]): string {
  return names
    .map((name) => `nestjs-mcp-adapters${name.slice(1)}`)
    .map(
      (name) => `{
        const required = require('${name}');
        import('${name}').then((imported) => {
          for (const key of Object.keys(imported)) {
            if (imported[key] !== required[key]) throw new Error('${name}: two instances of ' + key);
          }
        });
      }`,
    )
    .join('\n');
}

/** Every .d.ts below a folder with the names of the packages it imports. */
function declarations(folder: string): { file: string; packages: string[] }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(posix.join(folder, file), 'utf8'), true, true);
      const specifiers = importedFiles
        .map(({ fileName }) => fileName)
        .filter((name) => !name.startsWith('.'));
      return { file, packages: specifiers.map(packageOf) };
    });
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
