import type { LoggerService } from '@nestjs/common';
import type { ClientConfig, Pool, PoolConfig } from 'pg';
import type { PostgresTablesOptions } from './postgres-names.js';

/**
 * How Postgres is reached, and what for. One of `pool`, `url` and `config` is required.
 *
 * @publicApi
 */
export interface PostgresStoreOptions extends PostgresTablesOptions {
  /** A pool of the application. It is used beside the application's own statements, and never ended. */
  readonly pool?: Pool;

  /** `postgres://` URL, for a pool of the store's own. */
  readonly url?: string;

  /** Settings of a pool of the store's own. */
  readonly config?: PoolConfig;

  /**
   * Where notifications are listened to, by one more connection: a direct address of the server, where the pool goes
   * through PgBouncer or another pooler of transactions. They lose notifications.
   * @default the address of the pool
   */
  readonly listen?: string | ClientConfig;

  /**
   * Creates or updates tables and functions when the application starts. Without it nothing is ever created:
   * run what `postgresSql()` gives, or `PostgresStore.migrate()`.
   * @default false
   */
  readonly migrate?: boolean;

  /**
   * Acknowledges events of sessions when they are on disk. With `false` Postgres writes them a moment later
   * (`synchronous_commit = off`), which is several times as fast; if its machine crashes, the events of that moment are
   * lost, and their readers get `EventsLostError`. Everything else is on disk in any case.
   * @default true
   */
  readonly durable?: boolean;

  /**
   * Milliseconds within which Postgres must be there when the application starts, which fails after that. Refused
   * credentials and missing tables make it fail at once.
   * @default 30000
   */
  readonly connectTimeoutMs?: number;

  /**
   * Milliseconds a statement may take, waiting for a connection and trying again included, before it rejects with
   * `PostgresUnavailableError`. When Postgres has been away for longer, nothing is tried again.
   * @default 2000
   */
  readonly commandTimeoutMs?: number;

  /** Where outages and warnings are logged. @default a Nest `Logger` with the context `McpPostgres` */
  readonly logger?: Pick<LoggerService, 'log' | 'warn'>;
}
