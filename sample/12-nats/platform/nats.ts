import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A NATS with JetStream. */
export interface AnyNats {
  readonly url: string;
  stop(): Promise<void>;
}

const HELP = `This sample needs NATS 2.9 or later with JetStream. Do one of these and start again:
  set NATS_URL to one that runs, such as nats://localhost:4222
  install nats-server (Debian, Ubuntu: apt-get install nats-server; macOS: brew install nats-server)
  docker run --rm -p 4222:4222 nats -js, and set NATS_URL=nats://localhost:4222`;

/** The NATS that `NATS_URL` names, or a `nats-server` of this machine in a temporary folder, on a free port. */
export async function findNats(): Promise<AnyNats> {
  const given = process.env['NATS_URL'];
  if (given) return { url: given, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  const port = await freePort();
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  // In a process group of its own: Ctrl+C reaches the application first.
  const server = spawn('nats-server', args, { stdio: 'ignore', detached: true });
  let problem: unknown;
  server.once('error', (error) => (problem = error));
  server.once('exit', () => (problem ??= new Error('nats-server ended at once')));
  while (!(await isListening(port))) {
    if (problem !== undefined) throw new Error(HELP, { cause: problem });
    await delay(20);
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      const ended = once(server, 'exit');
      if (server.exitCode === null && server.kill()) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
