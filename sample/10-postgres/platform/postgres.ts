import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './instance.js';

/** A Postgres for the instances. */
export interface AnyPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

const HELP = `This sample needs Postgres 13 or later. Do one of these and start again:
  set DATABASE_URL to a database, such as postgres://user:password@localhost:5432/hotel
  install a server (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql)
  docker run --rm -p 5432:5432 -e POSTGRES_PASSWORD=secret postgres,
    and set DATABASE_URL=postgres://postgres:secret@localhost:5432/postgres`;

/** Where Debian has the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';

/** The Postgres that `DATABASE_URL` names, or one of this machine's in a temporary folder, on a free port. */
export async function findPostgres(): Promise<AnyPostgres> {
  const given = process.env['DATABASE_URL'];
  if (given) return { url: given, stop: async () => {} };
  const programs = findPrograms();
  if (programs === undefined) throw new Error(HELP);

  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  await chmod(folder, 0o755);
  if (isRoot) spawnSync('chown', ['postgres', folder]);
  const files = join(folder, 'data');
  const [initdb = '', ...made] = asUser(
    join(programs, 'initdb'),
    '-D',
    files,
    '-A',
    'trust',
    '-U',
    'postgres',
  );
  const { status, stderr } = spawnSync(initdb, made, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}\n${HELP}`);

  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const options = settings.flatMap((setting) => ['-c', setting]);
  const [program = '', ...args] = asUser(join(programs, 'postgres'), '-D', files, ...options);
  // In a process group of its own: Ctrl+C reaches the instances first.
  const server = spawn(program, args, { stdio: 'ignore', detached: true, cwd: tmpdir() });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`Postgres ended at once\n${HELP}`);
    await delay(50);
  }
  return {
    url,
    async stop() {
      await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(':');
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...onPath];
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

const isRoot = process.getuid?.() === 0;

/** The server refuses to be run by root. */
function asUser(...command: string[]): string[] {
  const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return isRoot ? ['setpriv', ...user, ...command] : command;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  // A fast shutdown, which does not wait for connections.
  server.kill('SIGINT');
  await ended;
}
