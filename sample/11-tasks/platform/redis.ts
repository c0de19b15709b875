import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A Redis for the instances. */
export interface AnyRedis {
  readonly url: string;
  stop(): Promise<void>;
}

const HELP = `This sample needs Redis. Do one of these and start again:
  set REDIS_URL to one that runs, such as redis://localhost:6379
  install redis-server (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis)
  docker run --rm -p 6379:6379 redis, and set REDIS_URL=redis://localhost:6379`;

/** The Redis that `REDIS_URL` names, or a `redis-server` of this machine, on a free port and without files. */
export async function findRedis(): Promise<AnyRedis> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: async () => {} };
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  // In a process group of its own: Ctrl+C reaches the instances first.
  const server = spawn('redis-server', args, { stdio: 'ignore', detached: true });
  let problem: unknown;
  server.once('error', (error) => (problem = error));
  server.once('exit', () => (problem ??= new Error('redis-server ended at once')));
  while (!(await isListening(port))) {
    if (problem !== undefined) throw new Error(HELP, { cause: problem });
    await delay(20);
  }
  return { url: `redis://127.0.0.1:${port}`, stop: () => stop(server) };
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

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
