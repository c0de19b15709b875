import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endsWithParent, freePort } from './redis.js';
import { untilStopped } from './stopped.js';
import { installPackage } from './system-package.js';

const START_MS = 10_000;

/** A nats-server of a test's own with JetStream, on a free port of this machine. */
export interface NatsServer {
  readonly port: number;
  readonly url: string;
  /** Ends the process; with `SIGKILL` it has no time to say goodbye. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Begins again on the same port, with the same files, unless it runs. `config` replaces what was added before. */
  start(config?: string): Promise<void>;
  /** Lets it answer nothing, with its connections open, until it is resumed. */
  pause(): void;
  resume(): void;
  /** Ends the process and removes its files. */
  dispose(): Promise<void>;
}

export interface NatsServerOptions {
  /** Is added to its configuration. */
  readonly config?: string;
  /** @default true */
  readonly jetStream?: boolean;
  /** Is added to the configuration of JetStream. */
  readonly jetStreamConfig?: string;
  /** @default a free one */
  readonly port?: number;
}

/** Starts a server and waits until it answers. */
export async function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  provideNats();
  const { config = '', jetStream = true, jetStreamConfig = '' } = options;
  const port = options.port ?? (await freePort());
  const directory = await mkdtemp(join(tmpdir(), 'nats-'));
  const file = join(directory, 'nats.conf');
  const stored = jetStream ? `jetstream { store_dir: "${directory}", ${jetStreamConfig} }` : '';
  const write = (added: string) => writeFile(file, `listen: 127.0.0.1:${port}\n${stored}\n${added}\n`);
  await write(config);
  let child: ChildProcess | undefined;

  const server: NatsServer = {
    port,
    url: `nats://127.0.0.1:${port}`,
    async stop(signal = 'SIGTERM') {
      const running = child;
      child = undefined;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill(signal);
      await ended;
    },
    async start(changed) {
      if (child) return;
      if (changed !== undefined) await write(changed);
      const [command = 'nats-server', ...rest] = [...endsWithParent(), 'nats-server', '-c', file];
      const started = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let output = '';
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
      }
      const deadline = Date.now() + START_MS;
      while (!(await greets(port, jetStream))) {
        if (started.exitCode !== null) throw new Error(`nats-server ended at once:\n${output}`);
        if (Date.now() > deadline) throw new Error(`No NATS answers on port ${port} within ${START_MS} ms`);
        await delay(20);
      }
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

/** Makes sure that nats-server is there: from the PATH, or as a package of the system where that is allowed. */
function provideNats(): void {
  if (isOnPath()) return;
  installPackage('nats-server');
  if (isOnPath()) return;
  throw new Error('These tests need nats-server on the PATH; on Debian: apt-get install nats-server');
}

function isOnPath(): boolean {
  return spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** A server says who it is once it takes connections: JetStream is up by then. */
function greets(port: number, jetStream: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (greeting: Buffer) => {
      socket.destroy();
      resolve(
        greeting.toString().startsWith('INFO') &&
          greeting.toString().includes('"jetstream":true') === jetStream,
      );
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
