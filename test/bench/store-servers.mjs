/** Servers of our own that keep sessions, beside the load; they end with the run. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cores, start } from './processes.mjs';

/** Where Debian has the programs of each version of Postgres. */
const DEBIAN = '/usr/lib/postgresql';

/** Starts a `redis`, `postgres` or `nats`; returns what tells the benchmark server where it is. */
export async function startStore(kind) {
  return { redis, postgres, nats }[kind](await freePort());
}

/** Keeps nothing on disk. */
async function redis(port) {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const until = /Ready to accept connections/;
  await start('redis-server', [...args, '--dir', tmpdir()], { core: cores?.load, until });
  return { REDIS_URL: `redis://127.0.0.1:${port}` };
}

/** Writes to disk as Postgres does without settings. */
async function postgres(port) {
  const programs = findPostgres();
  const folder = temporaryFolder();
  const files = join(folder, 'data');
  if (isRoot) spawnSync('chown', ['postgres', folder]);
  const [initdb, ...made] = asUser(join(programs, 'initdb'), '-D', files, '-A', 'trust', '-U', 'postgres');
  const { status, stderr } = spawnSync(initdb, made, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const options = settings.flatMap((setting) => ['-c', setting]);
  const server = asUser(join(programs, 'postgres'), '-D', files, ...options);
  const until = /ready to accept connections/;
  await start('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...server], { core: cores?.load, until });
  return { DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

/** JetStream on disk. */
async function nats(port) {
  const server = ['nats-server', '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', temporaryFolder()];
  const until = /Server is ready/;
  await start('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...server], { core: cores?.load, until });
  return { NATS_URL: `nats://127.0.0.1:${port}` };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? '').split(':');
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...onPath];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found === undefined) throw new Error('This needs a Postgres server, such as the package postgresql');
  return found;
}

const isRoot = process.getuid?.() === 0;

/** Postgres refuses to be run by root. */
function asUser(...command) {
  const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return isRoot ? ['setpriv', ...user, ...command] : command;
}
