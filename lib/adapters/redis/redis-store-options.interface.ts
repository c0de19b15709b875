import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';

/**
 * Options of `redisStore()`: how Redis is reached. One of `client`, `url` and `nodes` is required.
 *
 * @publicApi
 */
export interface RedisStoreOptions {
  /**
   * A client of the application, for one Redis, Sentinel or a Cluster. It serves as a template: the store makes
   * duplicates of it, which it closes, and leaves the client itself alone. So its settings (address, TLS, credentials,
   * database, its own `keyPrefix`, protocol, auto-pipelining) apply, whatever else the application uses it for.
   */
  readonly client?: Redis | Cluster;

  /** `redis://` or `rediss://` URL of one Redis. */
  readonly url?: string;

  /** Some nodes of a Cluster. */
  readonly nodes?: readonly ClusterNode[];

  /** Further settings for connections by `url`, or to the nodes of a Cluster. */
  readonly redisOptions?: RedisOptions;

  /** Further settings for a Cluster given by `nodes`. */
  readonly clusterOptions?: ClusterOptions;

  /** Begins every key and channel. @default 'mcp' */
  readonly keyPrefix?: string;

  /**
   * Milliseconds within which Redis must be there when the application starts, which fails after that. A refused password
   * makes it fail at once.
   * @default 30000
   */
  readonly connectTimeoutMs?: number;

  /**
   * Milliseconds a command may take, reconnecting included, before it rejects with `RedisUnavailableError`. When Redis
   * has been away for longer, commands reject at once.
   * @default 2000
   */
  readonly commandTimeoutMs?: number;

  /**
   * Carries messages of a Cluster with sharded pub/sub, which needs Redis 7 or Valkey. Without it every message goes
   * to every node. Instances must agree. One Redis never does.
   * @default true on a Cluster
   */
  readonly shardedPubSub?: boolean;

  /** Where outages and warnings are logged. @default a Nest `Logger` with the context `McpRedis` */
  readonly logger?: Pick<LoggerService, 'log' | 'warn'>;
}
