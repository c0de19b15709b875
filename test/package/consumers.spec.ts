import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { copyFile, cp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, packTarball, run } from './support.js';

/**
 * The packed library inside applications as people have them. All share src/ of consumers/shared: a module with one
 * tool, and a main.ts that calls it over HTTP, once as it is and once with an overridden provider, and without a port. None has an optional
 * peer installed and none skips the check of our typings (skipLibCheck is false). One that names another in `packagesOf` uses
 * what is installed there.
 */
const templates = join(import.meta.dirname, 'consumers');

interface Consumer {
  readonly name: string;
  readonly scripts: readonly string[];
  readonly packagesOf?: string;
}

const consumers: readonly Consumer[] = [
  { name: 'nest11-commonjs', scripts: ['build', 'start', 'test', 'typecheck:node10'] },
  { name: 'nest12-esm', scripts: ['build', 'start', 'test', 'test:vitest'] },
  ...(process.env['TEST_SCOPE'] === 'all'
    ? [
        { name: 'nest11-esm', scripts: ['build', 'start'], packagesOf: 'nest11-commonjs' },
        { name: 'nest12-commonjs', scripts: ['build', 'start'], packagesOf: 'nest12-esm' },
      ]
    : []),
];

const optionalPeers = [
  '@nestjs/platform-fastify',
  'class-transformer',
  'class-validator',
  'class-validator-jsonschema',
  'ioredis',
  'jose',
  'pg',
];

let packed: string;
let tarball: string;
const folders = new Map<string, string>();

beforeAll(async () => {
  packed = await makeTemporaryFolder();
  tarball = await packTarball(packed);
}, 60_000);

afterAll(async () => {
  for (const folder of [packed, ...folders.values()]) await rm(folder, { recursive: true, force: true });
});

describe.each(consumers)('an application: $name', ({ name, scripts, packagesOf }) => {
  let folder: string;

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    folders.set(name, folder);
    await cp(join(templates, 'shared'), folder, { recursive: true });
    await cp(join(templates, name), folder, { recursive: true });
    if (packagesOf !== undefined) {
      expect(await packagesIn(packagesOf)).toMatchObject(await packagesIn(name));
      await symlink(
        join(folders.get(packagesOf) ?? '', 'node_modules'),
        join(folder, 'node_modules'),
        'junction',
      );
      return;
    }
    await copyFile(tarball, join(folder, 'nestjs-mcp-adapters.tgz'));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  }, 240_000);

  it('installs no optional peer', () => {
    expect(optionalPeers.filter((peer) => existsSync(join(folder, 'node_modules', peer)))).toEqual([]);
  });

  it.each(scripts)(
    'passes npm run %s',
    async (script) => {
      const output = await run('npm', ['run', '--silent', script], folder);
      if (script === 'start') expect(output).toContain('consumer works');
    },
    120_000,
  );
});

/** The packages that an application asks for, with their versions. */
async function packagesIn(name: string): Promise<object> {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(templates, name, 'package.json'), 'utf8'),
  ) as { dependencies: object; devDependencies: object };
  return { dependencies, devDependencies };
}
