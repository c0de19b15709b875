import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, freePort, startRedis, type RedisServer } from './redis.js';
import { until } from './until.js';

/** The name under which the sentinels know the primary. */
export const PRIMARY = 'primary';

/** A primary with a replica, and three sentinels that watch them. */
export interface RedisSentinels {
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** The server that the sentinels name. */
  primary(): RedisServer;
  /** Resolves when the replica has all that was written. */
  replicated(): Promise<void>;
  /** Ends the primary without a word and resolves when the sentinels name the other one. */
  failOver(): Promise<void>;
  dispose(): Promise<void>;
}

export async function startSentinels(): Promise<RedisSentinels> {
  // A replica need not wait for others that might come.
  const first = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const second = await startRedis({ args: ['--replicaof', '127.0.0.1', String(first.port)] });
  const servers = [first, second];
  await until(() => second.cli('INFO', 'replication').includes('master_link_status:up'), 'a replica');
  const directory = await mkdtemp(join(tmpdir(), 'sentinel-'));
  const processes: ChildProcess[] = [];
  const ports: number[] = [];
  for (let n = 0; n < 3; n++) {
    const port = await freePort();
    ports.push(port);
    processes.push(await startSentinel(join(directory, `${port}.conf`), port, first.port));
  }
  const ask = (port: number, ...args: string[]) => cli(port, ['SENTINEL', ...args]);
  // Each has to know the replica, and the other two, before it can decide anything.
  for (const port of ports) {
    await until(() => {
      const facts = ask(port, 'MASTER', PRIMARY);
      return /num-slaves\n1\n/.test(facts) && /num-other-sentinels\n2\n/.test(facts);
    }, 'sentinels that know one another');
  }
  const named = () => Number(ask(ports[0] as number, 'GET-MASTER-ADDR-BY-NAME', PRIMARY).split('\n')[1]);
  const primary = () => servers.find(({ port }) => port === named()) as RedisServer;

  return {
    servers,
    sentinels: ports.map((port) => ({ host: '127.0.0.1', port })),
    primary,
    async replicated() {
      const info = () => primary().cli('INFO', 'replication');
      const offset = (pattern: RegExp) => Number(pattern.exec(info())?.[1] ?? 0);
      const written = offset(/^master_repl_offset:(\d+)/m);
      await until(() => offset(/^slave0:.*offset=(\d+)/m) >= written, 'replication');
    },
    async failOver() {
      const dead = primary();
      await dead.stop('SIGKILL');
      await until(() => named() !== dead.port, 'another primary');
    },
    async dispose() {
      for (const child of processes) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      await Promise.all(servers.map((server) => server.dispose()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startSentinel(file: string, port: number, primaryPort: number): Promise<ChildProcess> {
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor ${PRIMARY} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${PRIMARY} 1000`,
    `sentinel failover-timeout ${PRIMARY} 3000`,
  ];
  // Sentinels keep what they learn in their configuration.
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  await until(() => answers(port), 'a sentinel');
  return child;
}

function answers(port: number): boolean {
  try {
    return cli(port, ['PING']) === 'PONG';
  } catch {
    return false;
  }
}
