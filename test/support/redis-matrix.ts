import type { Cluster, Redis } from 'ioredis';
import type { RedisStoreOptions } from '../../lib/adapters/redis/redis-store-options.interface.js';
import { startRedisCluster } from './redis-cluster.js';
import { startRedis, type RedisServerOptions } from './redis.js';

/** A way to reach Redis that users have. */
export interface RedisSetUp {
  readonly server: 'one' | 'cluster';
  /** Of ioredis, in its two major versions. */
  readonly version: 5 | 6;
  /** Version 5 speaks RESP2 only. */
  readonly protocol: 2 | 3;
  readonly autoPipelining: boolean;
}

const ALL: readonly RedisSetUp[] = [
  { server: 'one', version: 6, protocol: 3, autoPipelining: true },
  { server: 'one', version: 6, protocol: 2, autoPipelining: false },
  { server: 'one', version: 5, protocol: 2, autoPipelining: false },
  { server: 'cluster', version: 6, protocol: 3, autoPipelining: false },
  { server: 'cluster', version: 6, protocol: 2, autoPipelining: true },
  { server: 'cluster', version: 5, protocol: 2, autoPipelining: true },
];

/**
 * Each kind of server with both versions of ioredis, both protocols, with and without auto-pipelining; in
 * `npm run test:all` version 6 with the older protocol, too.
 */
export const SET_UPS: readonly RedisSetUp[] =
  process.env['TEST_SCOPE'] === 'all'
    ? ALL
    : ALL.filter(({ version, protocol }) => version === 5 || protocol === 3);

export function titleOf({ server, version, protocol, autoPipelining }: RedisSetUp): string {
  const where = server === 'one' ? 'one Redis' : 'a Cluster of three';
  return `${where}, ioredis ${version}, RESP${protocol}, ${autoPipelining ? 'with' : 'without'} auto-pipelining`;
}

/** Servers that run, and clients for them. */
export interface RunningRedis {
  /** Ports of the servers. */
  readonly ports: readonly number[];
  /** A client that is not connected, as adapters take it for a template. */
  client(setUp: RedisSetUp): Promise<Redis | Cluster>;
  dispose(): Promise<void>;
}

export async function startServers(
  kind: RedisSetUp['server'],
  program?: RedisServerOptions['program'],
): Promise<RunningRedis> {
  if (kind === 'one') {
    const server = await startRedis(program && { program });
    return {
      ports: [server.port],
      client: async (setUp) => new (await load(setUp)).Redis(server.port, '127.0.0.1', settings(setUp)),
      dispose: () => server.dispose(),
    };
  }
  const cluster = await startRedisCluster();
  return {
    ports: cluster.servers.map(({ port }) => port),
    client: async (setUp) => {
      const { enableAutoPipelining, ...redisOptions } = settings(setUp);
      return new (await load(setUp)).Cluster([...cluster.nodes], {
        enableAutoPipelining,
        lazyConnect: true,
        redisOptions,
      });
    },
    dispose: () => cluster.dispose(),
  };
}

/** Options that only keep a test quiet and on its own keys. */
export function quiet(keyPrefix: string): Pick<RedisStoreOptions, 'keyPrefix' | 'logger'> {
  return { keyPrefix, logger: { log: () => {}, warn: () => {} } };
}

function settings({ version, protocol, autoPipelining: enableAutoPipelining }: RedisSetUp) {
  return { lazyConnect: true, enableAutoPipelining, ...(version === 6 && { protocol }) };
}

async function load({ version }: RedisSetUp): Promise<typeof import('ioredis')> {
  const name: string = version === 5 ? 'ioredis-5' : 'ioredis';
  return (await import(name)) as typeof import('ioredis');
}
