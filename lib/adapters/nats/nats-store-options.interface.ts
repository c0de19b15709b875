import type { LoggerService } from '@nestjs/common';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';

/**
 * The stream in which everything is kept, and how it is made.
 *
 * @publicApi
 */
export interface NatsStreamOptions {
  /** Name of the stream. @default 'MCP' */
  readonly stream?: string;
  /** Begins every subject; stores with different ones do not meet. A stream has one. @default 'mcp' */
  readonly subjectPrefix?: string;
  /** JetStream domain of the stream. @default that of the server */
  readonly domain?: string;
  /** Servers of a cluster that keep a copy each, when the stream is made. @default 1 */
  readonly replicas?: number;
  /** Where messages are kept, when the stream is made. @default 'file' */
  readonly storage?: 'file' | 'memory';
  /** Bytes the stream may use, when it is made; one that is full refuses what is new. -1: no limit. @default -1 */
  readonly maxBytes?: number;
}

/**
 * Options of `natsStore()`: a `connection` of the application, or how to make one (`servers`, `user`, `tls` and all else
 * that `connect()` of `@nats-io/transport-node` takes).
 *
 * @publicApi
 */
export interface NatsStoreOptions extends NatsStreamOptions, NodeConnectionOptions {
  /**
   * A connection of the application, which it closes itself. Its owner decides how it reconnects; with `noAsyncTraces` each
   * request costs about a quarter less CPU.
   */
  readonly connection?: NatsConnection;
  /** Makes the stream in `open()` if it is missing. Without it the application refuses to start. @default false */
  readonly migrate?: boolean;
  /**
   * Milliseconds within which NATS must be there when the application starts, which fails after that. Wrong credentials
   * and a missing stream make it fail at once.
   * @default 30000
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds a call may take, reconnecting included, before it rejects with `AdapterUnavailableError`. When NATS has
   * been away for longer, calls reject at once.
   * @default 2000
   */
  readonly commandTimeoutMs?: number;
  /** Where outages are logged. @default a Nest `Logger` with the context `McpNats` */
  readonly logger?: Pick<LoggerService, 'log' | 'warn'>;
}
