import {
  Store,
  type AppendedEntry,
  type AppendOptions,
  type AppendRefusal,
  type BellListener,
  type LogPosition,
  type LogSlice,
  type StoredRecord,
  type StoreFields,
  type StoreKey,
  type StoreWriteOptions,
} from '../adapters/store.js';

/** Runs an operation of a store, and follows it. */
export type Operate = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

/** A store whose operations are followed. */
export class ObservedStore extends Store {
  override readonly isShared: boolean;
  override readonly backstopMs: number;

  constructor(
    private readonly store: Store,
    private readonly operate: Operate,
  ) {
    super();
    this.isShared = store.isShared;
    this.backstopMs = store.backstopMs;
  }

  override get knowsListeners(): boolean {
    return this.store.knowsListeners;
  }

  override get steadyForMs(): number {
    return this.store.steadyForMs;
  }

  override get details(): Readonly<Record<string, string>> {
    return this.store.details;
  }

  override open(): Promise<void> {
    return this.store.open();
  }

  override read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    return this.operate('read', () => this.store.read(key, only));
  }

  override write(
    key: StoreKey,
    fields: StoreFields,
    options: StoreWriteOptions,
  ): Promise<string | undefined> {
    return this.operate('write', () => this.store.write(key, fields, options));
  }

  override assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    return this.operate('assign', () => this.store.assign(key, patch));
  }

  override touch(
    key: StoreKey,
    ttlMs: number,
    options?: { readonly only?: readonly string[]; readonly exact?: boolean },
  ): Promise<StoredRecord | undefined> {
    return this.operate('touch', () => this.store.touch(key, ttlMs, options));
  }

  override remove(
    key: StoreKey,
    options?: { readonly ifVersion?: string },
  ): Promise<StoreFields | undefined> {
    return this.operate('remove', () => this.store.remove(key, options));
  }

  override append(
    key: StoreKey,
    tag: string,
    body: string,
    options: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    return this.operate('append', () => this.store.append(key, tag, body, options));
  }

  override entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    return this.operate('entries', () => this.store.entries(key, tag, after, limit));
  }

  override trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    return this.operate('trim', () => this.store.trim(key, tag, upTo));
  }

  override listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    return this.operate('listen', () => this.store.listen(key, ring));
  }

  override ping(): Promise<void> {
    return this.operate('ping', () => this.store.ping());
  }

  override close(): Promise<void> {
    return this.store.close();
  }
}
