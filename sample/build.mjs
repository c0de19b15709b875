/**
 * Compiles the samples and the benchmark server, after the library, into dist/; whatever is up to date is left alone.
 * Used by `npm start`, `npm run bench:server` and the tests of the samples, several of which may run at once.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const lock = join(root, 'node_modules', '.samples-build');

const steps = [
  {
    name: 'the library',
    made: join(root, 'dist/esm/index.js'),
    from: ['lib', '.config/tsconfig.esm.json', 'tsconfig.json'],
    command: [join(root, '.config/build.mjs')],
  },
  {
    name: 'the samples',
    made: join(root, 'dist/sample/.built'),
    from: ['sample', 'test/bench/server', '.config/tsconfig.sample.json', 'tsconfig.json'],
    command: [tsc, '--project', join(root, '.config/tsconfig.sample.json')],
  },
];

export async function buildSamples() {
  const stale = steps.filter(isStale);
  if (stale.length === 0) return;
  const names = stale.map(({ name }) => name).join(' and ');
  console.error(`First ${names} must be built, which takes about a minute. Later starts do without.`);
  await acquire();
  try {
    for (const step of steps) if (isStale(step)) await run(step);
  } finally {
    await rm(lock, { force: true });
  }
}

function isStale({ made, from }) {
  if (!existsSync(made)) return true;
  return newest(from) > statSync(made).mtimeMs;
}

function newest(paths) {
  const files = paths
    .map((path) => join(root, path))
    .filter(existsSync)
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true }).map((file) => join(path, file))
        : [path],
    );
  return Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

async function run({ name, made, command }) {
  const started = new Date();
  const stopShowing = showProgress(name);
  // Standard input and output may be those of a server.
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  stopShowing();
  if (code !== 0) throw new Error(`Building ${name} failed`);
  // Dated by the start, so that a file saved meanwhile counts as newer.
  if (made.endsWith('.built')) await writeFile(made, '');
  await utimes(made, started, started);
}

/** Prints the time taken: on a terminal every second in the same line, else every ten seconds. */
function showProgress(name) {
  const started = Date.now();
  const isTerminal = process.stderr.isTTY === true;
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const show = (end) =>
    process.stderr.write(`${isTerminal ? '\r' : ''}Building ${name} ... ${seconds()} s${end}`);
  show(isTerminal ? '' : '\n');
  const timer = setInterval(() => show(isTerminal ? '' : '\n'), isTerminal ? 1_000 : 10_000);
  return () => {
    clearInterval(timer);
    show(', done\n');
  };
}

/** One builder at a time. The lock holds the id of its owner's process, so that a dead owner does not block others. */
async function acquire() {
  await mkdir(join(root, 'node_modules'), { recursive: true });
  for (;;) {
    try {
      return await writeFile(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isOwnerAlive()) await rm(lock, { force: true });
    else await setTimeout(100);
  }
}

function isOwnerAlive() {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // An owner that has made the file but not written to it yet.
    if (owner === 0) return true;
    return process.kill(owner, 0);
  } catch (error) {
    return error.code === 'ENOENT' || error.code === 'EPERM';
  }
}
