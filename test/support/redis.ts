import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { untilStopped } from './stopped.js';
import { installPackage } from './system-package.js';

const START_MS = 10_000;

/** A server of a test's own, on a free port of this machine. Keeps nothing on disk unless told to. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Runs `redis-cli` against it and gives what it prints. */
  cli(...args: string[]): string;
  /** Ends the process; with `SIGKILL` it has no time to say goodbye. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Begins again on the same port, with the same files. */
  start(): Promise<void>;
  /** Lets it answer nothing, with its connections open, until it is resumed. */
  pause(): void;
  resume(): void;
  /** Ends the process and removes its files. */
  dispose(): Promise<void>;
}

export interface RedisServerOptions {
  /** Further arguments: `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
  /** @default 'redis-server' */
  readonly program?: 'redis-server' | 'valkey-server';
  /** @default a free one */
  readonly port?: number;
}

/** Starts a server and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const program = options.program ?? 'redis-server';
  provide(program);
  const port = options.port ?? (await freePort());
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--loglevel', 'warning'];
  let child: ChildProcess | undefined;

  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    cli: (...given) => cli(port, given),
    async stop(signal = 'SIGTERM') {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill(signal);
      await ended;
    },
    async start() {
      const all = [...args, '--save', '', '--appendonly', 'no', ...(options.args ?? [])];
      const [command = program, ...rest] = [...endsWithParent(), program, ...all];
      const started = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let output = '';
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
      }
      await waitUntilServing(port, () => {
        if (started.exitCode !== null) throw new Error(`${program} ended at once:\n${output}`);
      });
    },
    pause() {
      child?.kill('SIGSTOP');
      if (child?.pid !== undefined) untilStopped([child.pid]);
    },
    resume: () => void child?.kill('SIGCONT'),
    async dispose() {
      await server.stop('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Makes sure that a program is there: from the PATH, or as a package of the system where that is allowed. */
export function provide(program: 'redis-server' | 'valkey-server'): void {
  if (isOnPath(program)) return;
  installPackage(program);
  if (isOnPath(program)) return;
  throw new Error(`These tests need ${program} on the PATH; on Debian: apt-get install ${program}`);
}

/** True if the system has a program, or a package of that name. */
export function isAvailable(program: 'redis-server' | 'valkey-server'): boolean {
  if (isOnPath(program)) return true;
  const { stdout } = spawnSync('apt-cache', ['policy', program], { encoding: 'utf8' });
  return process.getuid?.() === 0 && /Candidate: \d/.test(stdout ?? '');
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs `redis-cli` and gives what it prints. */
export function cli(port: number, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('redis-cli', ['-p', String(port), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`redis-cli ${args.join(' ')} failed: ${stderr}${stdout}`);
  return stdout.trimEnd();
}

/** The keys of a server that would stay for ever. Asked for at once: there may be tens of thousands with a time to live. */
export function lastingKeys(port: number): string[] {
  const script = `
    local lasting = {}
    for _, key in ipairs(redis.call('KEYS', '*')) do
      if redis.call('PTTL', key) == -1 then lasting[#lasting + 1] = key end
    end
    return lasting`;
  return cli(port, ['EVAL', script, '0']).split('\n').filter(Boolean);
}

/** Wrapper that ends a program with the tests that crash, where the system has it (Linux). */
export function endsWithParent(): string[] {
  lastWill ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0;
  return lastWill ? ['setpriv', '--pdeathsig', 'KILL'] : [];
}
let lastWill: boolean | undefined;

function isOnPath(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

async function waitUntilServing(port: number, check: () => void): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await answersPing(port))) {
    check();
    if (Date.now() > deadline) throw new Error(`No Redis answers on port ${port} within ${START_MS} ms`);
    await delay(20);
  }
}

/** Not while it still loads its data. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (reply: Buffer) => {
      socket.destroy();
      resolve(reply.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
