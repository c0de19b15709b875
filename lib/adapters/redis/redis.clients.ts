import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import type { RedisConnectionOptions } from './redis-adapter-options.interface.js';

/** What commands are sent with. */
export type RedisClient = Redis | Cluster;

/** How long to wait before the next attempt to connect: at once, then longer and longer, never long. */
const retryStrategy = (attempt: number): number =>
  attempt === 1 ? 10 : Math.round(Math.min(500, 25 * 2 ** attempt) * (0.5 + Math.random() / 2));

/**
 * Settings that the adapters rely on, whatever the template says. Nothing is sent twice unasked, since the server may
 * have carried it out the first time; nothing waits for a connection unnoticed; replies have their usual shape.
 */
const OURS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  monitor: false,
  readOnly: false,
  disconnectTimeout: 200,
  stringNumbers: false,
  replyMapping: 'legacy',
  commandTimeout: undefined,
  retryStrategy,
  // A server that has become a replica says so and keeps the connection: the primary is found by connecting anew.
  reconnectOnError: (error) => /^READONLY\b/.test(error.message),
} satisfies RedisOptions;

const OURS_IN_CLUSTER = {
  lazyConnect: true,
  retryDelayOnFailover: 0,
  scaleReads: 'master',
  shardedSubscribers: false,
  // Whoever only listens learns of changes of the Cluster by no error.
  slotsRefreshInterval: 5_000,
  clusterRetryStrategy: retryStrategy,
} satisfies ClusterOptions;

/** Makes the client that commands are sent with. It is not connected yet. */
export function openCommands(options: RedisConnectionOptions): RedisClient {
  const { client, url, nodes, redisOptions = {}, clusterOptions = {}, connectTimeoutMs = 5_000 } = options;
  if ([client, url, nodes].filter((given) => given !== undefined).length !== 1) {
    throw new McpConfigurationError('Redis adapters need exactly one of the options client, url and nodes');
  }
  const connectTimeout = connectTimeoutMs;
  if (url !== undefined) {
    return new Redis(url, {
      enableAutoPipelining: true,
      connectionName: 'mcp',
      ...redisOptions,
      ...OURS,
      connectTimeout,
    });
  }
  if (nodes !== undefined) {
    return new Cluster([...nodes], {
      enableAutoPipelining: true,
      ...clusterOptions,
      ...OURS_IN_CLUSTER,
      redisOptions: nodeOptions({ ...clusterOptions.redisOptions, ...redisOptions }, connectTimeout),
    });
  }
  return duplicate(client as RedisClient, connectTimeout);
}

/** Makes the client for messages, of one server: the one that `template` is connected to. */
export function openSubscriber(template: Redis): Redis {
  return template.duplicate({ ...OURS, keyPrefix: '', enableAutoPipelining: false });
}

/** Whether a client is one for a Cluster, whichever copy of ioredis made it. */
export function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}

/** What a client puts before every key. */
export function clientPrefixOf(client: RedisClient): string {
  return client.options.keyPrefix ?? '';
}

function duplicate(client: RedisClient, connectTimeout: number): RedisClient {
  if (!isCluster(client)) {
    return client.duplicate({ ...OURS, connectTimeout });
  }
  return client.duplicate([], {
    ...OURS_IN_CLUSTER,
    redisOptions: nodeOptions(client.options.redisOptions ?? {}, connectTimeout),
  });
}

/** Connections to the nodes are made, awaited and given up by the Cluster client. */
function nodeOptions(given: RedisOptions, connectTimeout: number) {
  const { retryStrategy: _, enableOfflineQueue: __, readOnly: ___, ...ours } = OURS;
  return { ...given, ...ours, connectTimeout };
}
