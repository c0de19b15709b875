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
import type { RedisStoreOptions } from './redis-store-options.interface.js';
import { RedisConnections, type RedisCommand } from './redis-connections.js';
import { clientPrefixOf, isCluster, type RedisClient } from './redis.clients.js';
import { conditionOf, PlainRecords } from './plain-records.js';
import { RedisBells } from './redis-bells.js';
import { appendEntry } from './scripts/append-entry.script.js';
import { assignFields } from './scripts/assign-fields.script.js';
import { readPlain, removePlain, writePlain } from './scripts/plain-record.scripts.js';
import { readEntries } from './scripts/read-entries.script.js';
import { readRecord } from './scripts/read-record.script.js';
import { removeRecord } from './scripts/remove-record.script.js';
import { trimLog } from './scripts/trim-log.script.js';
import { writeRecord } from './scripts/write-record.script.js';

const SCRIPTS: readonly { define(client: RedisClient): void }[] = [
  ...[appendEntry, readEntries, trimLog, readRecord, writeRecord, assignFields, removeRecord],
  ...[readPlain, writePlain, removePlain],
];

/** Longest body that a bell carries; readers get others from the log. In bytes. */
const MAX_RUNG_BYTES = 16 * 1024;

/** Begins the names of a user's fields; those of ours begin with `@`. */
const FIELD = '.';

/**
 * A store in Redis, for every instance of a server:
 *
 * ```ts
 * McpModule.forRoot({ store: redisStore({ url: 'redis://localhost:6379' }), requestStateSecret })
 * ```
 *
 * It connects when the application starts, which fails without a Redis, and closes what it opened when that has ended.
 *
 * @throws McpConfigurationError for options that name no Redis, or several.
 * @publicApi
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  return new RedisStore(options);
}

type Keys = readonly [record: string, log: string, tails: string];

/**
 * Keeps records in Redis: a hash, a Redis stream and a hash of tails each, or a string for one without log. What belongs
 * to a scope has one hash tag, so that a script finds all of it on one node of a Cluster. Bells are pub/sub messages.
 *
 * Every call is one round trip. While Redis is away calls reject with `RedisUnavailableError`, and what was rejected so is
 * not carried out later.
 *
 * @publicApi
 */
export class RedisStore extends Store {
  override readonly startTimeoutMs: number;
  readonly #connections: RedisConnections;
  readonly #plain: PlainRecords;
  readonly #bells: RedisBells;
  readonly #versions = new AppendIds();
  readonly #defined = new WeakSet<RedisClient>();
  #isCluster = false;

  /** Connects with the first use. Throws `McpConfigurationError` for options that name no Redis, or several. */
  constructor(options: RedisStoreOptions) {
    super();
    this.startTimeoutMs = options.connectTimeoutMs ?? START_TIMEOUT_MS;
    this.#connections = new RedisConnections(options);
    this.#plain = new PlainRecords((command) => this.#run(command));
    this.#bells = new RedisBells(this.#connections);
  }

  /** @throws RedisUnavailableError when there is no Redis within `connectTimeoutMs`. */
  override open(): Promise<void> {
    return this.#connections.connect();
  }

  /** Not where every node of a Cluster carries its own messages. */
  override get knowsListeners(): boolean {
    return this.#connections.publish === 'SPUBLISH' || !this.#isCluster;
  }

  override get steadyForMs(): number {
    return this.#connections.restoredForMs;
  }

  override read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    return this.#read(key, only, 0, false);
  }

  override touch(
    key: StoreKey,
    ttlMs: number,
    { only, exact = false }: { readonly only?: readonly string[]; readonly exact?: boolean } = {},
  ): Promise<StoredRecord | undefined> {
    return this.#read(key, only, ttlMs, exact);
  }

  override async write(
    key: StoreKey,
    fields: StoreFields,
    options: StoreWriteOptions,
  ): Promise<string | undefined> {
    const version = this.#versions.next();
    if (!key.hasLog) {
      const isWritten = await this.#plain.write(this.#key(key), version, fields, options);
      return isWritten ? version : undefined;
    }
    const { ttlMs, ifVersion } = options;
    const given = Object.entries(fields).flatMap(([name, value]) => [FIELD + name, value]);
    const written = await this.#run((client, until) =>
      writeRecord.run(client, until, this.#keys(key), [
        ...([version, ttlMs, conditionOf(ifVersion), ...this.#channel(key)] as const),
        ...given,
      ]),
    );
    return written === 1 ? version : undefined;
  }

  override async assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    const version = this.#versions.next();
    if (!key.hasLog) {
      return (await this.#plain.assign(this.#key(key), version, patch)) ? version : undefined;
    }
    const given = Object.entries(patch).flatMap(([name, value]) => [
      FIELD + name,
      value === null ? '' : `=${value}`,
    ]);
    const assigned = await this.#run((client, until) =>
      assignFields.run(client, until, [this.#key(key)], [version, ...this.#channel(key), ...given]),
    );
    return assigned === 1 ? version : undefined;
  }

  override async remove(
    key: StoreKey,
    { ifVersion }: { readonly ifVersion?: string } = {},
  ): Promise<StoreFields | undefined> {
    if (!key.hasLog) return this.#plain.remove(this.#key(key), ifVersion);
    const removed = await this.#run((client, until) =>
      removeRecord.run(client, until, this.#keys(key), [ifVersion ?? '', ...this.#channel(key)]),
    );
    return removed ? toFields(removed) : undefined;
  }

  override async append(
    key: StoreKey,
    tag: string,
    body: string,
    { id, isRepeat, consume, renew, ifHeard, limits }: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const keys = [...this.#keys(key), this.#key(consume ?? key)] as const;
    let channel = '';
    const appended = await this.#run((client, until, isRetry) => {
      const [to, publish] = this.#channel(key);
      channel = to;
      return appendEntry.run(client, until, keys, [
        ...([tag, body, id, isRepeat || isRetry ? 1 : 0, consume ? 1 : 0, renew ? 1 : 0] as const),
        ifHeard && this.knowsListeners ? 1 : 0,
        ...([limits.maxEntries, limits.maxBytes, limits.ifFull === 'refuse' ? 1 : 0] as const),
        ...([to, publish, MAX_RUNG_BYTES] as const),
      ]);
    });
    if (typeof appended === 'string') return appended;
    const entry = { position: appended[0], previous: appended[1] || undefined };
    this.#bells.ring(channel, () => ({ ...entry, tag, body }));
    return entry;
  }

  override async entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    const found = await this.#run((client, until) =>
      readEntries.run(client, until, this.#keys(key), [tag, numberOf(after), limit]),
    );
    if (!found) return undefined;
    const [tail, isAll, text] = found;
    const parts = text === '' ? [] : text.split('\0');
    const entries: LogEntry[] = [];
    for (let n = 0; n < parts.length; n += 3) {
      const [position, previous, body] = [parts[n], parts[n + 1], parts[n + 2]] as [string, string, string];
      entries.push({ position, previous: previous || undefined, body });
    }
    return { entries, tail: tail || undefined, isAll: isAll === '1' };
  }

  override async trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    const [record, log] = this.#keys(key);
    await this.#run((client, until) => trimLog.run(client, until, [record, log], [tag, numberOf(upTo)]));
  }

  override async listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    // Connects, if that is still to be done: until then nothing is known of the client.
    const [channel] = await this.#run(async () => this.#channel(key));
    return this.#bells.listen(channel, ring);
  }

  override ping(): Promise<void> {
    return this.#connections.ping();
  }

  override async close(): Promise<void> {
    this.#bells.close();
    await this.#connections.close();
  }

  async #read(
    key: StoreKey,
    only: readonly string[] | undefined,
    ttlMs: number,
    exact: boolean,
  ): Promise<StoredRecord | undefined> {
    if (!key.hasLog) return this.#plain.read(this.#key(key), only, ttlMs, exact);
    const names = (only ?? []).map((name) => FIELD + name);
    const found = await this.#run((client, until) =>
      readRecord.run(client, until, this.#keys(key), [ttlMs, exact ? 1 : 0, only ? 0 : 1, ...names]),
    );
    if (!found) return undefined;
    const [version, remainingMs, ...values] = found;
    const flat = only ? names.flatMap((name, n) => [name, values[n] ?? null]) : values;
    return { version, remainingMs, fields: toFields(flat) };
  }

  #run<T>(command: RedisCommand<T>): Promise<T> {
    return this.#connections.run((client, until, isRetry) => {
      if (!this.#defined.has(client)) {
        for (const script of SCRIPTS) script.define(client);
        this.#defined.add(client);
        this.#isCluster = isCluster(client);
      }
      return command(client, until, isRetry);
    });
  }

  /** Complete: ioredis adds the prefix of a client to keys, not to channels. */
  #channel(key: StoreKey): readonly [channel: string, publish: string] {
    return [`${clientPrefixOf(this.#connections.options)}${this.#key(key)}:bell`, this.#connections.publish];
  }

  #keys(key: StoreKey): Keys {
    const record = this.#key(key);
    return [record, `${record}:log`, `${record}:tails`];
  }

  #key({ scope, name }: StoreKey): string {
    return `${this.#connections.options.keyPrefix ?? 'mcp'}:{${scope}}:${name}`;
  }
}

/** Names and values one after the other, without ours and what is not there. */
function toFields(flat: readonly (string | null)[]): StoreFields {
  const fields: [string, string][] = [];
  for (let n = 0; n < flat.length; n += 2) {
    const [name, value] = [flat[n] as string, flat[n + 1]];
    if (typeof value === 'string' && name.startsWith(FIELD)) fields.push([name.slice(FIELD.length), value]);
  }
  return Object.fromEntries(fields);
}

function numberOf(position: LogPosition | undefined): string {
  return position === undefined ? '0' : position.slice(0, position.indexOf('.'));
}
