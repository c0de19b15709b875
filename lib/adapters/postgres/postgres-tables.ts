import { McpConfigurationError } from '../../protocol/configuration.error.js';
import type { PostgresConnection } from './postgres-connection.js';
import { PostgresNames } from './postgres-names.js';
import { postgresSql, SCHEMA_VERSION } from './postgres-sql.js';
import type { PostgresStoreOptions } from './postgres-store-options.interface.js';

/** How often records whose time is over are removed, and how many in one transaction. */
const SWEEP_MS = 30_000;
const SWEPT_AT_ONCE = 500;

/** Maintenance of the tables: creation, and the sweep of expired records. */
export class PostgresTables {
  readonly names: PostgresNames;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: PostgresConnection,
    private readonly options: PostgresStoreOptions,
  ) {
    this.names = new PostgresNames(options);
  }

  /** Makes sure that the tables are there and new enough; creates them only if that is wanted. */
  async check(): Promise<void> {
    if (await this.#areMigrated()) return;
    if (!this.options.migrate) throw this.missing();
    await this.migrate();
  }

  /** Without a limit of time, since it may wait for other instances. */
  async migrate(): Promise<void> {
    await this.connection.runScript(postgresSql(this.options));
  }

  /** Every instance at times of its own. */
  beginSweeping(): void {
    this.#sweeping ??= setInterval(() => void this.#sweep(), SWEEP_MS * (0.75 + Math.random() / 2)).unref();
  }

  stop(): void {
    clearInterval(this.#sweeping);
  }

  missing(cause?: unknown): McpConfigurationError {
    const { schema, prefix } = this.names;
    return new McpConfigurationError(
      `PostgresStore finds no tables in schema "${schema}" with the prefix "${prefix}", or older ones. ` +
        `Create them with: node -p "require('nestjs-mcp-adapters/postgres').postgresSql({ schema: '${schema}', ` +
        `tablePrefix: '${prefix}' })" | psql, or with migrate(), or set the option migrate`,
      { cause },
    );
  }

  async #areMigrated(): Promise<boolean> {
    const version = this.names.of('version');
    const [server] = await this.connection.run(() => [
      `select pg_encoding_to_char(encoding)::text as encoding, to_regclass($1)::text as found
       from pg_database where datname = current_database()`,
      [version],
    ]);
    if (server?.['encoding'] !== 'UTF8') {
      throw new McpConfigurationError(
        `PostgresStore needs a database whose encoding is UTF8, not ${server?.['encoding']}`,
      );
    }
    if (server['found'] === null) return false;
    const rows = await this.connection.run(() => [`select version::text from ${version}`, []]);
    return rows.some((row) => Number(row['version']) >= SCHEMA_VERSION);
  }

  async #sweep(): Promise<void> {
    const sweep = this.names.of('sweep');
    for (let swept = SWEPT_AT_ONCE; swept === SWEPT_AT_ONCE;) {
      const statement = [`select swept::text from ${sweep}($1)`, [SWEPT_AT_ONCE]] as const;
      // The next sweep, here or elsewhere, makes up for one that fails.
      const [row] = await this.connection.run(() => statement).catch(() => []);
      swept = Number(row?.['swept']);
    }
  }
}
