import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { loadOptionalPackage } from '../../schema/optional-package.js';
import type { RedisStoreOptions } from './redis-store-options.interface.js';

/** Longest wait for a connection, before the next attempt. */
export const ATTEMPT_MS = 5_000;

/** A client that sends commands. */
export type RedisClient = Redis | Cluster;

/** How long to wait before the next attempt to connect: at once, then longer and longer, never long. */
const retryStrategy = (attempt: number): number =>
  attempt === 1 ? 10 : Math.round(Math.min(500, 25 * 2 ** attempt) * (0.5 + Math.random() / 2));

/**
 * Settings that the store relies on, whatever the template says. Nothing is sent twice unasked, since the server may
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
  // The time that a starting server expects to load for may be far more than it needs.
  maxLoadingRetryTime: 250,
  // A server that has become a replica says so and keeps the connection: the primary is found by connecting anew.
  reconnectOnError: (error) => /^READONLY\b/.test(error.message),
} satisfies RedisOptions;

const OURS_IN_CLUSTER = {
  lazyConnect: true,
  retryDelayOnFailover: 0,
  scaleReads: 'master',
  shardedSubscribers: false,
  // A client that only subscribes gets no error that tells it of changes of the Cluster.
  slotsRefreshInterval: 5_000,
  clusterRetryStrategy: retryStrategy,
} satisfies ClusterOptions;

/** Throws for options that name no Redis, or several. */
export function checkConnectionOptions({ client, url, nodes }: RedisStoreOptions): void {
  if ([client, url, nodes].filter((given) => given !== undefined).length === 1) return;
  throw new McpConfigurationError('The Redis store needs exactly one of the options client, url and nodes');
}

/** Makes the client that commands are sent with. It is not connected yet. */
export async function openCommands(options: RedisStoreOptions): Promise<RedisClient> {
  const { client, url, nodes, redisOptions = {}, clusterOptions = {}, connectTimeoutMs } = options;
  const connectTimeout = Math.min(connectTimeoutMs ?? ATTEMPT_MS, ATTEMPT_MS);
  if (client) return duplicate(client, connectTimeout);
  // Loaded when it is needed: an application without the package gets an error that names it.
  const { Cluster, Redis } = await loadOptionalPackage<typeof import('ioredis')>(
    'ioredis',
    'by the Redis store',
  );
  if (url !== undefined) {
    return new Redis(url, {
      enableAutoPipelining: true,
      connectionName: 'mcp',
      ...redisOptions,
      ...OURS,
      connectTimeout,
    });
  }
  return new Cluster([...(nodes ?? [])], {
    enableAutoPipelining: true,
    ...clusterOptions,
    ...OURS_IN_CLUSTER,
    redisOptions: nodeOptions({ ...clusterOptions.redisOptions, ...redisOptions }, connectTimeout),
  });
}

/** Makes the client for messages, of one server: the one that `template` is connected to. */
export function openSubscriber(template: Redis): Redis {
  return template.duplicate({ ...OURS, keyPrefix: '', enableAutoPipelining: false });
}

/** Recognises a client for a Cluster, whichever copy of ioredis made it. */
export function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}

/** The prefix that the client adds to every key. */
export function clientPrefixOf(options: RedisStoreOptions): string {
  const { client, url, redisOptions, clusterOptions } = options;
  if (client) return client.options.keyPrefix ?? '';
  if (url === undefined) {
    const ofNodes = redisOptions?.keyPrefix ?? clusterOptions?.redisOptions?.keyPrefix;
    return clusterOptions?.keyPrefix || ofNodes || '';
  }
  // ioredis reads options from the query, which go before those of the template.
  return new URLSearchParams(url.split('?')[1]).get('keyPrefix') ?? redisOptions?.keyPrefix ?? '';
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
