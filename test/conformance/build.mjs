/** Compiles the library, the fixture and the runner into dist/; whatever is up to date is left alone. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSamples } from '../../sample/build.mjs';

const root = join(import.meta.dirname, '..', '..');
const made = join(root, 'dist/test/conformance/.built');
const folders = [
  'test/conformance',
  'test/multi-instance/bed',
  'test/multi-instance/fixture',
  'test/support',
];
const project = join(root, '.config/conformance.tsconfig.json');

export async function build() {
  try {
    await buildSamples();
    if (isStale()) compile();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function compile() {
  console.error('Building the conformance fixture ...');
  const started = new Date();
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', project], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('Building the conformance fixture failed');
  writeFileSync(made, '');
  // Dated by the start, so that a file saved meanwhile counts as newer.
  utimesSync(made, started, started);
}

function isStale() {
  if (!existsSync(made)) return true;
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(root, folder, file)),
  );
  return [project, ...sources].some((file) => statSync(file).mtimeMs > statSync(made).mtimeMs);
}
