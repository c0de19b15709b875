import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { copyFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryFolder, packTarball, run } from './support.js';

/**
 * The packed library inside applications as people have them. All share src/ of consumers/shared: a module with one
 * tool, and a main.ts that calls it over HTTP, once as it is and once with an overridden provider, and without a port. None has an optional
 * peer installed and none skips the check of our typings (skipLibCheck is false).
 */
const templates = join(import.meta.dirname, 'consumers');

const consumers = [
  { name: 'nest11-commonjs', scripts: ['build', 'start', 'test', 'typecheck:node10'] },
  { name: 'nest11-esm', scripts: ['build', 'start'] },
  { name: 'nest12-commonjs', scripts: ['build', 'start'] },
  { name: 'nest12-esm', scripts: ['build', 'start', 'test', 'test:vitest'] },
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

beforeAll(async () => {
  packed = await makeTemporaryFolder();
  tarball = await packTarball(packed);
}, 60_000);

afterAll(() => rm(packed, { recursive: true, force: true }));

describe.each(consumers)('an application: $name', ({ name, scripts }) => {
  let folder: string;

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    await cp(join(templates, 'shared'), folder, { recursive: true });
    await cp(join(templates, name), folder, { recursive: true });
    await copyFile(tarball, join(folder, 'nestjs-mcp-adapters.tgz'));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  }, 240_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

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
