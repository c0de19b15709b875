import { setTimeout as delay } from 'node:timers/promises';
import { cli, freePort, startRedis, type RedisServer } from './redis.js';

const FORM_MS = 15_000;

/** A Cluster of three masters on this machine. */
export interface RedisClusterServers {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly servers: readonly RedisServer[];
  dispose(): Promise<void>;
}

/** Starts three servers, makes a Cluster of them, and waits until all agree on it. */
export async function startRedisCluster(): Promise<RedisClusterServers> {
  const servers = await Promise.all(
    [1, 2, 3].map(async () => {
      const [port, bus] = [await freePort(), await freePort()];
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(bus)];
      return startRedis({ port, args: [...args, '--cluster-node-timeout', '2000'] });
    }),
  );
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  const [first] = servers as [RedisServer];
  const agree = ['--cluster-replicas', '0', '--cluster-yes'];
  cli(first.port, ['--cluster', 'create', ...addresses, ...agree]);
  const deadline = Date.now() + FORM_MS;
  for (const server of servers) {
    while (!server.cli('CLUSTER', 'INFO').includes('cluster_state:ok')) {
      if (Date.now() > deadline) throw new Error(`The Cluster did not form within ${FORM_MS} ms`);
      await delay(50);
    }
  }
  return {
    servers,
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    async dispose() {
      await Promise.all(servers.map((server) => server.dispose()));
    },
  };
}
