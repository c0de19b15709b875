import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Client, ClientConfig, Pool, QueryConfig } from 'pg';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { loadOptionalPackage } from '../../schema/optional-package.js';
import type { PostgresStoreOptions } from './postgres-store-options.interface.js';
import { PostgresUnavailableError } from './postgres-unavailable.error.js';
import { isConflict, isPassing, messageOf } from './postgres.errors.js';

/** How much earlier than its time a timer of Node may ring. */
const EARLY_MS = 2;

/** Between two attempts of a statement. */
const PAUSE_MS = 50;

/** A row. Every column is selected as text: applications may have changed how others are parsed. */
export type Row = Readonly<Record<string, string | null>>;

/** Gives a statement. Tried again after a connection was lost, it may have been carried out before. */
export type Statement = (isRepeat: boolean) => readonly [text: string, values: readonly unknown[]];

/** The pool, of the application or of our own, and how long it has not been of use. */
export class PostgresConnection {
  readonly logger: NonNullable<PostgresStoreOptions['logger']>;
  readonly timeoutMs: number;
  #pool: Promise<Pool> | undefined;
  #lostAt: number | undefined;
  /** From the clock of this process to that of Postgres, in milliseconds; never too much, as replies take time. */
  #clockOffset: number | undefined;
  #restoredAt = -Infinity;
  #isLogged = false;
  #isClosed = false;

  constructor(private readonly options: PostgresStoreOptions) {
    const { pool, url, config } = options;
    if ([pool, url, config].filter((given) => given !== undefined).length !== 1) {
      throw new McpConfigurationError('PostgresStore needs exactly one of the options pool, url and config');
    }
    this.logger = options.logger ?? new Logger('McpPostgres');
    this.timeoutMs = options.commandTimeoutMs ?? 2_000;
  }

  get restoredForMs(): number {
    return this.#lostAt === undefined ? performance.now() - this.#restoredAt : 0;
  }

  /** Carries out a statement, again if that may help. @throws PostgresUnavailableError */
  run(statement: Statement): Promise<readonly Row[]> {
    return this.#persist((isRepeat, until) => this.#attempt(statement(isRepeat), until));
  }

  /**
   * Calls a function that changes something. It may be waiting for a connection, a lock or a server that stands still when
   * it is given up: so it is undone by the function `inTime` if that is called too late, by the clock of the server.
   *
   * @throws PostgresUnavailableError
   */
  change(
    name: string,
    values: (isRepeat: boolean) => readonly unknown[],
    inTime: string,
  ): Promise<readonly Row[]> {
    return this.#persist(async (isRepeat, until) => {
      this.#clockOffset ??= clockOffsetOf(
        await this.#attempt([`select ${inTime}(null)::text as clock`, []], until),
      );
      const given = [...values(isRepeat), until - EARLY_MS + this.#clockOffset];
      const places = given.map((_, n) => `$${n + 1}`);
      const last = places.pop();
      // Columns are computed after the function has done its work.
      const text = `select f.*, ${inTime}(${last})::text as clock from ${name}(${places.join(', ')}) f`;
      const rows = await this.#attempt([text, given], until);
      this.#clockOffset = clockOffsetOf(rows);
      return rows;
    });
  }

  /** Tries a statement. Resolves with `false` if Postgres is away. */
  ping(): Promise<boolean> {
    return this.run(() => ['select', []]).then(
      () => true,
      () => false,
    );
  }

  /** Several statements in one text, with a transaction of their own. As long as they take. */
  async runScript(text: string): Promise<void> {
    await (await this.#usePool()).query(text);
  }

  /** A client of its own for notifications, not connected yet. */
  async makeClient(): Promise<Client> {
    const { Client } = await loadPg();
    const { listen } = this.options;
    const pool = await this.#usePool();
    const given: ClientConfig =
      typeof listen === 'string' ? { connectionString: listen } : (listen ?? pool.options);
    // By name: a pool hides its password from those who copy.
    const { password, ssl } = given;
    return new Client({
      ...given,
      ...(password !== undefined && { password }),
      ...(ssl !== undefined && { ssl }),
      ...{ keepAlive: true, connectionTimeoutMillis: this.timeoutMs },
    });
  }

  lost(): void {
    this.#lostAt ??= performance.now();
    // The next server may have another clock.
    this.#clockOffset = undefined;
  }

  restored(): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#restoredAt = performance.now();
    if (this.#isLogged) this.logger.log('Postgres can be reached again');
    this.#isLogged = false;
  }

  /** Ends the pool, if it is ours. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pool = await this.#pool?.catch(() => {});
    pool?.off('error', ignore);
    if (!pool || pool === this.options.pool) return;
    pool.on('error', ignore);
    await pool.end();
  }

  /** Tries until something is carried out, fails for good, or takes too long. */
  async #persist(
    attempt: (isRepeat: boolean, until: number) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const until = performance.now() + this.timeoutMs;
    for (let isRepeat = false; ; isRepeat = true) {
      try {
        const rows = await attempt(isRepeat, until);
        this.restored();
        return rows;
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (!isConflict(error)) this.lost();
        if (this.#isWorthWaiting(until)) {
          await delay(PAUSE_MS);
          continue;
        }
        this.#log(error);
        throw new PostgresUnavailableError(`Postgres does not serve: ${messageOf(error)}`, { cause: error });
      }
    }
  }

  #isWorthWaiting(until: number): boolean {
    const now = performance.now();
    return !this.#isClosed && now + PAUSE_MS < until && now - (this.#lostAt ?? now) < this.timeoutMs;
  }

  async #attempt([text, values]: ReturnType<Statement>, until: number): Promise<readonly Row[]> {
    const pool = await this.#usePool();
    const timeoutMs = until - performance.now();
    // The driver drops a connection whose statement fails or takes too long: that to a standby, too.
    const reply = pool.query<Row>(timed(text, values, timeoutMs));
    // A pool may let its callers wait for a connection for ever.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no connection was free within ${this.timeoutMs} ms`));
      }, timeoutMs + PAUSE_MS);
    });
    try {
      return (await Promise.race([reply, late])).rows;
    } finally {
      clearTimeout(timer);
      reply.catch(ignore);
    }
  }

  #usePool(): Promise<Pool> {
    this.#pool ??= this.#makePool().catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  async #makePool(): Promise<Pool> {
    const { pool, url, config } = this.options;
    // Postgres ends idle connections, too; without a listener that ends the process.
    if (pool) return pool.on('error', ignore);
    const { Pool } = await loadPg();
    const own = { connectionTimeoutMillis: this.timeoutMs, application_name: 'mcp', keepAlive: true };
    return new Pool({ ...own, ...(url === undefined ? config : { connectionString: url }) }).on(
      'error',
      ignore,
    );
  }

  #log(error: unknown): void {
    if (this.#isLogged || this.#lostAt === undefined) return;
    this.#isLogged = true;
    this.logger.warn(`Postgres cannot be reached (${messageOf(error)}); trying again`);
  }
}

/** A statement without a name, which a pooler of transactions would not know; it may take this long. */
export function timed(text: string, values: readonly unknown[], timeoutMs: number): QueryConfig {
  const config = { text, values: [...values], query_timeout: Math.max(1, Math.ceil(timeoutMs)) };
  return config;
}

function clockOffsetOf([row]: readonly Row[]): number {
  return Number(row?.['clock']) - performance.now();
}

/** Loaded when it is needed: an application without the package gets an error that names it. */
function loadPg(): Promise<typeof import('pg')> {
  return loadOptionalPackage<typeof import('pg')>('pg', 'by PostgresStore');
}

function ignore(): void {}
