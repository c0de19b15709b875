import { START_TIMEOUT_MS, startWhileUnavailable } from './store/retry.js';

/**
 * Names a record. Both parts, like tags and the ids of appends, are 1 to 64 characters of `A-Z a-z 0-9 _ -`, so that a
 * store may put them into a key or a subject as they are. The adapters make such parts of any id.
 *
 * @publicApi
 */
export interface StoreKey {
  /** Records of one scope can be changed together: a hash tag on a Redis Cluster, one object of Durable Objects. */
  readonly scope: string;
  readonly name: string;
  /** True if the record has a log and a bell. One without is a bare value, which is cheaper. Never both for one name. */
  readonly hasLog: boolean;
}

/**
 * The content of a record: names to values. Both are any text without NUL and without lone surrogates.
 *
 * @publicApi
 */
export type StoreFields = Readonly<Record<string, string>>;

/**
 * A record as it is read.
 *
 * @publicApi
 */
export interface StoredRecord {
  readonly fields: StoreFields;
  /** Differs after every `write` and `assign`. Opaque. */
  readonly version: string;
  /** Remaining time to live in milliseconds if the record is not touched, by the clock of the store. */
  readonly remainingMs: number;
}

/**
 * Time to live and condition of a `write`.
 *
 * @publicApi
 */
export interface StoreWriteOptions {
  /** Milliseconds the record lives from now on. */
  readonly ttlMs: number;
  /**
   * Absent: replaces the record, and its log is gone. `null`: writes only if there is no record. A version: replaces the
   * fields if that is the version now, and keeps the log.
   */
  readonly ifVersion?: string | null;
}

/**
 * Place of an entry in its log: `<number>.<id of the append>`. Numbers grow through all tags of a log but may be given
 * again by a store that lost its latest writes; the whole position never is. Compare positions, not their numbers.
 *
 * @publicApi
 */
export type LogPosition = string;

/**
 * Limits of a log, over all its tags.
 *
 * @publicApi
 */
export interface LogLimits {
  readonly maxEntries: number;
  /** Bytes of the bodies, as UTF-8. An entry that is alone in its log may be larger. */
  readonly maxBytes: number;
  /**
   * `'drop'`: makes room by dropping entries, oldest first: those of tags that have more than a quarter of the limits
   * before others, the newest one of a tag last. `'refuse'`: appends nothing.
   */
  readonly ifFull: 'drop' | 'refuse';
}

/**
 * How something is appended.
 *
 * @publicApi
 */
export interface AppendOptions {
  /** Idempotency key, of 1 to 64 characters of `A-Z a-z 0-9 _ -`: no other append has it. Becomes part of the position. */
  readonly id: string;
  /**
   * True if an earlier attempt of this id may have succeeded. It is looked for among the newest 256 entries; if it is
   * found nothing is appended or consumed again. An id that is the tail of its tag is never appended twice.
   */
  readonly isRepeat?: boolean;
  /** A record without log, of the same scope, that is removed in the same step. Without it nothing is appended. */
  readonly consume?: StoreKey;
  /** True to renew the time to live of the record, as if it were touched. */
  readonly renew?: boolean;
  /** Appends nothing if no instance listens to the key. A store that cannot tell appends. */
  readonly ifHeard?: boolean;
  readonly limits: LogLimits;
}

/**
 * An entry that is in the log.
 *
 * @publicApi
 */
export interface AppendedEntry {
  readonly position: LogPosition;
  /** The entry before it of the same tag; `undefined` for the first of a tag, and where that is not known any more. */
  readonly previous: LogPosition | undefined;
}

/**
 * Why nothing was appended. `gone`: there is no record, or nothing to consume; `full`: the limits are reached;
 * `unheard`: there is no listener.
 *
 * @publicApi
 */
export type AppendRefusal = 'gone' | 'full' | 'unheard';

/**
 * An entry of a log.
 *
 * @publicApi
 */
export interface LogEntry extends AppendedEntry {
  readonly body: string;
}

/**
 * A part of a log.
 *
 * @publicApi
 */
export interface LogSlice {
  /** In order. Entries were dropped where `previous` is not the position before. */
  readonly entries: readonly LogEntry[];
  /** Newest position of the tag, also when its entry was dropped; `undefined` if none is known. */
  readonly tail: LogPosition | undefined;
  /** True if there is nothing after these entries. */
  readonly isAll: boolean;
}

/**
 * Message of a bell. An entry: it was appended, with this tag. `'appended'`: an entry was that is too large for a bell.
 * `'changed'`: fields of the record changed, and its log did not. `'stale'`: anything may have happened, such as a lost
 * connection or a removal.
 *
 * @publicApi
 */
export type Bell = (LogEntry & { readonly tag: string }) | 'appended' | 'changed' | 'stale';

/**
 * Hears a bell. Called synchronously, must not throw.
 *
 * @publicApi
 */
export type BellListener = (bell: Bell) => void;

/**
 * Keeps records and their logs for all instances of a server: implement it, and `StoreSessionAdapter`,
 * `StoreClientRequestAdapter` and `StoreNotificationBus` work on it. Also the token it is injected by.
 *
 * A record has fields, a version and a time to live. A key with a log has one log, which lives as long as its record, and
 * a bell. The log is what delivers; bells only wake readers up and may be lost, repeated or come late. Every method is
 * atomic, also across instances, and what it did is seen by every instance once it has resolved. Records of an empty
 * store, and those whose time is over, are `undefined`.
 *
 * A failure that passes rejects with `AdapterUnavailableError`, and leaves open whether something was done: everything
 * but `remove` may be repeated. After `close()` nothing is called any more.
 *
 * Prove an implementation with `storeContract` of `nestjs-mcp-adapters/testing`.
 *
 * @publicApi
 */
export abstract class Store {
  #users = 0;
  #opening: Promise<void> | undefined;

  /** True if other processes may use the same store. Servers that share one must share their secrets too. */
  readonly isShared: boolean = true;

  /** Milliseconds after which a reader that heard no bell looks at the log anyway. */
  readonly backstopMs: number = 5_000;

  /** Milliseconds within which a store that is away must be there when an application starts: `open` is repeated. */
  readonly startTimeoutMs: number = START_TIMEOUT_MS;

  /** True if the store honors `ifHeard` of an append. Otherwise the leases of instances are checked. */
  get knowsListeners(): boolean {
    return true;
  }

  /** Milliseconds since the store could be reached again after an outage: instances may need a while to come back. */
  get steadyForMs(): number {
    return Infinity;
  }

  /** The record with all fields, or only those named (none: whether it is there). */
  abstract read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined>;

  /**
   * Writes a record, all its fields. Rings `'stale'` if a record was replaced, `'changed'` if it was given `ifVersion`.
   *
   * @returns the new version; `undefined` if `ifVersion` forbade it
   */
  abstract write(key: StoreKey, fields: StoreFields, options: StoreWriteOptions): Promise<string | undefined>;

  /**
   * Sets some fields of a record, removes those that are `null`, and leaves the others, its log and its time to live.
   * Rings `'changed'`.
   *
   * @returns the new version; `undefined` if there is no record
   */
  abstract assign(key: StoreKey, patch: Readonly<Record<string, string | null>>): Promise<string | undefined>;

  /**
   * Lets a record live for `ttlMs` from now on, and reads it. A store may leave its time as it is while 90 % of it
   * remains, unless it is to be `exact`.
   */
  abstract touch(
    key: StoreKey,
    ttlMs: number,
    options?: { readonly only?: readonly string[]; readonly exact?: boolean },
  ): Promise<StoredRecord | undefined>;

  /**
   * Removes a record with its log, if it has this version. Rings `'stale'`. Of several callers at most one gets the
   * record; none, if the outcome was unknown and it was repeated. What must find an heir is claimed by `write` with a
   * version instead.
   *
   * @returns the fields of what was removed
   */
  abstract remove(key: StoreKey, options?: { readonly ifVersion?: string }): Promise<StoreFields | undefined>;

  /** Adds an entry to the log of a record, and rings with it or `'appended'`. */
  abstract append(
    key: StoreKey,
    tag: string,
    body: string,
    options: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal>;

  /**
   * Entries of a tag with numbers above that of a position (`undefined`: from the first one that is kept), `limit` at
   * most. Costs little where there are none. `undefined` if there is no record.
   */
  abstract entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined>;

  /** Drops the entries of a tag up to the number of a position. Its tail stays known. */
  abstract trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void>;

  /**
   * Hears the bell of a key, whether there is a record or not. Resolves when every ring from now on will be heard while
   * the store can be reached; after an outage it is rung `'stale'`. Appends of this instance may ring before they resolve.
   *
   * @returns what ends it; nothing is heard after it was called
   */
  abstract listen(key: StoreKey, ring: BellListener): Promise<() => void>;

  /**
   * Prepares the store at the start of each server that uses it, before anything else is called; a second time does no
   * harm. Rejects with `McpConfigurationError` if something must be set up first, with `AdapterUnavailableError` if it is away.
   */
  async open(): Promise<void> {}

  /** Resolves if the store can be reached now, else rejects with the reason. */
  abstract ping(): Promise<void>;

  /** Details for operators beside reachability: become part of the health indicator's answer. */
  get details(): Readonly<Record<string, string>> {
    return {};
  }

  /**
   * Frees what the store opened, when the application has shut down. Its records stay, for other instances. Calling it
   * twice does no harm.
   */
  async close(): Promise<void> {}

  /** Opens the store for one more server of this process, the first one for all, and closes it if that fails. @internal */
  async retain(): Promise<void> {
    this.#users++;
    try {
      await (this.#opening ??= startWhileUnavailable(() => this.open(), this.startTimeoutMs));
    } catch (error) {
      this.#opening = undefined;
      await this.release().catch(() => {});
      throw error;
    }
  }

  /** Ends one `retain`. The last one closes the store. @internal */
  async release(): Promise<void> {
    if (--this.#users === 0) await this.close();
  }
}
