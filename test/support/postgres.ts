import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './redis.js';
import { untilStopped } from './stopped.js';
import { installPackage } from './system-package.js';

const START_MS = 30_000;

/** Where Debian has the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';

/** A server of a test's own, on a free port of this machine, with the databases `postgres` and `template1`. */
export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  /** Carries out one statement on a connection of its own. */
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<R[]>;
  /** Ends all connections but that of this call, or those that a condition on `pg_stat_activity` names. */
  killBackends(condition?: string): Promise<number>;
  /** Ends the server: `immediate` is as a crash, `fast` says goodbye. */
  stop(mode?: 'immediate' | 'fast'): Promise<void>;
  /** Begins again on the same port with the same files. */
  start(settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Stops all its processes where they are, until `resume`. */
  pause(): void;
  resume(): void;
  /** The files, to be copied while it is stopped. */
  readonly files: string;
  dispose(): Promise<void>;
}

/** Makes an empty cluster, starts it and waits until it serves. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  programs = providePostgres(),
): Promise<PostgresServer> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'postgres-'));
  await chmod(directory, 0o755);
  const files = join(directory, 'data');
  if (isRoot) spawnSync('chown', ['postgres', directory]);
  const made = asUser([
    ...[join(programs, 'initdb'), '-D', files, '-A', 'trust', '-U', 'postgres'],
    ...['--no-sync', '-E', 'UTF8', '--locale=C'],
  ]);
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);

  let child: ChildProcess | undefined;
  const server: PostgresServer = {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    files,
    query: (text, values = []) => queryOnce(server.url, text, values),
    async killBackends(condition = 'true') {
      const killed = await server.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid() and ${condition}`,
      );
      return killed.length;
    },
    async stop(mode = 'fast') {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill(mode === 'immediate' ? 'SIGQUIT' : 'SIGINT');
      await ended;
    },
    async start(more = {}) {
      const all = {
        ...{ port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: directory },
        ...{ fsync: 'off', max_connections: '60', shared_buffers: '32MB', log_min_messages: 'fatal' },
        ...settings,
        ...more,
      };
      const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const [command = '', ...args] = [...asPostgres(), join(programs, 'postgres'), '-D', files, ...options];
      const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
      child = started;
      let output = '';
      started.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
      for (const deadline = Date.now() + START_MS; ; await delay(20)) {
        if (await server.query('select 1').catch(() => undefined)) return;
        if (started.exitCode !== null) throw new Error(`postgres ended at once:\n${output}`);
        if (Date.now() > deadline) throw new Error(`No Postgres answers within ${START_MS} ms:\n${output}`);
      }
    },
    pause: () => signalAll(child, 'SIGSTOP'),
    resume: () => signalAll(child, 'SIGCONT'),
    async dispose() {
      signalAll(child, 'SIGCONT');
      await server.stop('immediate');
      await rm(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** A pooler of transactions in front of a server. */
export interface PgBouncer {
  readonly url: string;
  dispose(): Promise<void>;
}

/** Starts PgBouncer in transaction mode, which gives every transaction another connection. */
export async function startPgBouncer(server: PostgresServer): Promise<PgBouncer> {
  installPackage('pgbouncer');
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  await chmod(directory, 0o755);
  const config = join(directory, 'pgbouncer.ini');
  await writeFile(
    config,
    `[databases]
* = host=127.0.0.1 port=${server.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
`,
  );
  const [command = '', ...args] = [...asPostgres(), 'pgbouncer', '-q', config];
  const child = spawn(command, args, { stdio: 'ignore' });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  for (const deadline = Date.now() + START_MS; ; await delay(20)) {
    if (await queryOnce(url, 'select 1', []).catch(() => undefined)) break;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('PgBouncer does not start');
  }
  return {
    url,
    async dispose() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function queryOnce<R extends pg.QueryResultRow>(url: string, text: string, values: readonly unknown[]) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<R>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

const isRoot = process.getuid?.() === 0;

/** The folder of the programs: the newest version that Debian has installed, or those on the PATH. */
export function providePostgres(): string {
  const found = find();
  if (found !== undefined) return found;
  installPackage('postgresql', 'initdb');
  const installed = find();
  if (installed !== undefined) return installed;
  throw new Error('These tests need a Postgres server; on Debian: apt-get install postgresql');
}

function find(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(DEBIAN, version, 'bin'));
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return [...folders, (stdout ?? '').trim()].find((folder) => existsSync(join(folder, 'initdb')));
}

/** The server refuses to be run by root. */
function asUser(command: readonly string[]) {
  const [program = '', ...args] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
  return spawnSync(program, args, { encoding: 'utf8', cwd: tmpdir() });
}

/** Ended with this process, where the system has what it takes (Linux). */
function asPostgres(): string[] {
  const user = isRoot ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  const hasSetpriv = spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
  return hasSetpriv ? ['setpriv', ...user, '--pdeathsig', 'KILL'] : [];
}

/** The postmaster and all its backends are groups of their own: those are found by their parent. */
function signalAll(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null) return;
  child.kill(signal);
  spawnSync('pkill', [`-${signal.slice(3)}`, '-P', String(child.pid)]);
  if (signal !== 'SIGSTOP') return;
  const { stdout } = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
  untilStopped([child.pid, ...stdout.split('\n').filter(Boolean).map(Number)]);
}
