import type { LoggerService } from '@nestjs/common';
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';

/**
 * How Redis is reached. One of `client`, `url` and `nodes` is required.
 *
 * @publicApi
 */
export interface RedisConnectionOptions {
  /**
   * A client of the application, for one Redis, Sentinel or a Cluster. It serves as a template: the adapters make
   * duplicates of it, which they close, and leave the client itself alone. So its settings (address, TLS, credentials,
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

  /** Milliseconds within which Redis must be there when the application starts. @default 5000 */
  readonly connectTimeoutMs?: number;

  /**
   * Milliseconds a command may take, reconnecting included, before it rejects with `RedisUnavailableError`. When Redis
   * has been away for longer, commands reject at once.
   * @default 2000
   */
  readonly commandTimeoutMs?: number;

  /**
   * Whether a Cluster carries messages with sharded pub/sub, which needs Redis 7 or Valkey. Without it every message goes
   * to every node. Instances must agree. One Redis never does.
   * @default true on a Cluster
   */
  readonly shardedPubSub?: boolean;

  /** Where outages and warnings are logged. @default a Nest `Logger` with the context `McpRedis` */
  readonly logger?: Pick<LoggerService, 'log' | 'warn'>;
}

/**
 * How much is kept for one session.
 *
 * @publicApi
 */
export interface RedisSessionAdapterOptions {
  /** Newest events kept per stream. @default 1024 */
  readonly maxEventsPerStream?: number;

  /** Bytes of messages kept per stream; the newest event is kept whatever its size. @default 1048576 (1 MiB) */
  readonly maxEventBytesPerStream?: number;

  /**
   * Streams whose events are kept per session; the one used longest ago is dropped first. One that is being followed
   * goes on, but what its client has missed by then cannot be replayed.
   * @default 64
   */
  readonly maxStreamLogs?: number;
}

/**
 * How long questions wait.
 *
 * @publicApi
 */
export interface RedisClientRequestAdapterOptions {
  /** Milliseconds a question waits when the caller does not say. @default 30000 */
  readonly defaultTimeoutMs?: number;

  /**
   * Milliseconds an answer waits for an asking instance that has lost its connection but seems to live, before the
   * answer is refused. Bounds how long an answer to a dead instance takes to be refused.
   * @default 1000
   */
  readonly reconnectGraceMs?: number;
}

/**
 * Options of `redisAdapters()`.
 *
 * @publicApi
 */
export interface RedisAdapterOptions
  extends RedisConnectionOptions, RedisSessionAdapterOptions, RedisClientRequestAdapterOptions {}
