import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import {
  Store,
  type AppendedEntry,
  type AppendOptions,
  type AppendRefusal,
  type BellListener,
  type LogEntry,
  type LogPosition,
  type LogSlice,
  type StoredRecord,
  type StoreFields,
  type StoreKey,
  type StoreWriteOptions,
} from '../store.js';
import { AppendIds } from '../store/append-ids.js';
import { START_TIMEOUT_MS } from '../store/retry.js';
import { isSession } from '../store/store-keys.js';
import { PostgresBells } from './postgres-bells.js';
import { PostgresConnection, type Row, type Statement } from './postgres-connection.js';
import type { PostgresStoreOptions } from './postgres-store-options.interface.js';
import { PostgresTables } from './postgres-tables.js';
import { isMissing, isRefused, messageOf } from './postgres.errors.js';
import { ReadBatch, toRecord } from './read-batch.js';

/** Part of its time to live that a record has to have left for a touch to leave it alone. */
const FRESH = 0.9;

/** Part of the queue of notifications in use above which operators should know. */
const FULL_QUEUE = 0.5;

/**
 * Keeps records in two tables of a Postgres (tested with 15 and 18): every call is one statement, and the bells of an instance are
 * notifications that go out together. Made by `postgresStore()`.
 *
 * While Postgres is away calls reject with `PostgresUnavailableError`. What was rejected so is not carried out later, unless
 * Postgres was about to commit it.
 *
 * @publicApi
 */
export class PostgresStore extends Store {
  override readonly startTimeoutMs: number;
  readonly #connection: PostgresConnection;
  readonly #tables: PostgresTables;
  readonly #bells: PostgresBells;
  readonly #reads: ReadBatch;
  readonly #versions = new AppendIds();
  readonly #isDurable: boolean;
  #queueUsage = 0;
  #isClosed = false;

  /**
   * Connects to nothing yet.
   *
   * @throws McpConfigurationError unless it is given exactly one way to reach Postgres.
   */
  constructor(options: PostgresStoreOptions) {
    super();
    this.startTimeoutMs = options.connectTimeoutMs ?? START_TIMEOUT_MS;
    this.#connection = new PostgresConnection(options);
    this.#tables = new PostgresTables(this.#connection, options);
    this.#bells = new PostgresBells(this.#connection, this.#tables.names);
    this.#reads = new ReadBatch((statement) => this.#run(statement), this.#tables.names);
    this.#isDurable = options.durable ?? true;
  }

  /** `false`: Postgres does not tell who listens. */
  override get knowsListeners(): boolean {
    return false;
  }

  override get steadyForMs(): number {
    return this.#connection.restoredForMs;
  }

  override get details(): Readonly<Record<string, string>> {
    const { problem } = this.#bells;
    return {
      ...(problem !== undefined && { notifications: problem }),
      ...(this.#queueUsage > FULL_QUEUE && {
        notificationQueue: `${Math.round(this.#queueUsage * 100)} % in use: a listening session is stuck in a transaction`,
      }),
    };
  }

  override read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    return this.#reads.read(key, only);
  }

  /** Reads first: most records have most of their time, and reads go together. */
  override async touch(
    key: StoreKey,
    ttlMs: number,
    { only, exact = false }: { readonly only?: readonly string[]; readonly exact?: boolean } = {},
  ): Promise<StoredRecord | undefined> {
    if (!exact) {
      const record = await this.#reads.read(key, only);
      if (!record || (record.remainingMs >= ttlMs * FRESH && record.remainingMs <= ttlMs)) return record;
    }
    const [row] = await this.#change('read', () => [
      key.scope,
      key.name,
      only ?? null,
      Math.ceil(ttlMs),
      exact,
    ]);
    return toRecord(row as Row);
  }

  override async write(
    key: StoreKey,
    fields: StoreFields,
    { ttlMs, ifVersion }: StoreWriteOptions,
  ): Promise<string | undefined> {
    const version = this.#versions.next();
    const condition = ifVersion === undefined ? null : (ifVersion ?? '');
    const [row] = await this.#change('write', () => [
      ...[key.scope, key.name, version, JSON.stringify(fields), Math.ceil(ttlMs), condition],
    ]);
    const outcome = row?.['outcome'];
    if (outcome === 'changed') this.#ring(key, 'changed');
    if (outcome === 'replaced') this.#ring(key, 'stale');
    return outcome ? version : undefined;
  }

  override async assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    const version = this.#versions.next();
    const set = Object.entries(patch).filter(([, value]) => value !== null);
    const removed = Object.keys(patch).filter((name) => patch[name] === null);
    const [row] = await this.#change('assign', () => [
      ...[key.scope, key.name, version, JSON.stringify(Object.fromEntries(set)), removed],
    ]);
    if (typeof row?.['assigned'] !== 'string') return undefined;
    this.#ring(key, 'changed');
    return version;
  }

  override async remove(
    key: StoreKey,
    { ifVersion }: { readonly ifVersion?: string } = {},
  ): Promise<StoreFields | undefined> {
    const [row] = await this.#change('remove', () => [key.scope, key.name, ifVersion ?? null]);
    if (typeof row?.['removed'] !== 'string') return undefined;
    this.#ring(key, 'stale');
    return JSON.parse(row['removed']) as StoreFields;
  }

  override async append(
    key: StoreKey,
    tag: string,
    body: string,
    { id, isRepeat = false, consume, renew = false, limits }: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const isDurable = this.#isDurable || !isSession(key);
    const [row] = await this.#change('append', (isRetry) => [
      ...[key.scope, key.name, tag, body, id, isRepeat || isRetry],
      ...[consume?.scope ?? null, consume?.name ?? null, renew],
      ...[limits.maxEntries, limits.maxBytes, limits.ifFull === 'refuse', isDurable],
    ]);
    const { place: position, previous, refusal } = row as Row;
    if (typeof position !== 'string') return refusal as AppendRefusal;
    const entry = { position, previous: previous ?? undefined };
    this.#ring(key, { ...entry, tag, body });
    return entry;
  }

  override async entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    // One text for all: reading rows and columns one by one takes a client longer than all else about them.
    const [row] = await this.#run(() => [
      `select min(tail) as tail,
        json_agg(json_build_array(place, previous, body) order by n) filter (where place is not null)::text as entries
        from ${this.#tables.names.of('entries')}($1, $2, $3, $4, $5) with ordinality as e(tail, place, previous, body, n)
        having count(*) > 0`,
      [key.scope, key.name, tag, numberOf(after), limit + 1],
    ]);
    if (!row) return undefined;
    const found = JSON.parse(row['entries'] ?? '[]') as [string, string | null, string][];
    const entries = found.map(([position, previous, body]): LogEntry => {
      return { position, previous: previous ?? undefined, body };
    });
    return {
      entries: entries.slice(0, limit),
      tail: row['tail'] ?? undefined,
      isAll: entries.length <= limit,
    };
  }

  override async trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    await this.#change('trim', () => [key.scope, key.name, tag, numberOf(upTo)]);
  }

  override listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    return this.#bells.listen(nameOf(key), ring);
  }

  /** Creates or updates tables and functions, in one transaction. Does no harm when it is called again, or by many. */
  migrate(): Promise<void> {
    return this.#tables.migrate();
  }

  override async open(): Promise<void> {
    try {
      await this.#tables.check();
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError) || !isRefused(error.cause)) throw error;
      throw new McpConfigurationError(
        `PostgresStore is refused: ${messageOf(error.cause)}. See pool, url or config`,
        {
          cause: error,
        },
      );
    }
    await this.#bells.open();
  }

  override async ping(): Promise<void> {
    const [row] = await this.#run(() => ['select pg_notification_queue_usage()::text as usage', []]);
    this.#queueUsage = Number(row?.['usage']);
  }

  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tables.stop();
    await this.#bells.close();
    await this.#connection.close();
  }

  #run(statement: Statement): Promise<readonly Row[]> {
    return this.#checked(() => this.#connection.run(statement));
  }

  /** Calls a function that changes something. */
  #change(name: string, values: (isRepeat: boolean) => readonly unknown[]): Promise<readonly Row[]> {
    const { names } = this.#tables;
    return this.#checked(() => this.#connection.change(names.of(name), values, names.of('in_time')));
  }

  async #checked(work: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    this.#tables.beginSweeping();
    try {
      return await work();
    } catch (error) {
      throw isMissing(error) ? this.#tables.missing(error) : error;
    }
  }

  #ring(key: StoreKey, bell: Parameters<BellListener>[0]): void {
    if (key.hasLog) this.#bells.ring(nameOf(key), bell);
  }
}

/**
 * Makes a store on Postgres, for any number of instances: `storeAdapters(postgresStore({ pool }))`.
 *
 * @throws McpConfigurationError unless it is given exactly one way to reach Postgres.
 * @publicApi
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  return new PostgresStore(options);
}

function nameOf({ scope, name }: StoreKey): string {
  return `${scope}/${name}`;
}

function numberOf(position: LogPosition | undefined): string {
  return position === undefined ? '0' : position.slice(0, position.indexOf('.'));
}
