import {
  Store,
  type AppendedEntry,
  type AppendOptions,
  type AppendRefusal,
  type Bell,
  type BellListener,
  type LogPosition,
  type LogSlice,
  type StoredRecord,
  type StoreFields,
  type StoreKey,
  type StoreWriteOptions,
} from '../store.js';
import { MemoryLog } from './memory-log.js';

/** A listener that was added, as itself: the same function may be there twice. */
interface Listening {
  readonly ring: BellListener;
}

interface MemoryRecord {
  fields: Map<string, string>;
  version: number;
  ttlMs: number;
  /** By `performance.now()`: a clock that is set ends no record. */
  expiresAt: number;
  log: MemoryLog;
}

/** A removal of what has expired costs as much as there is, so it is done once in as many writes. */
const LEAST_WRITES_TO_SWEEP = 256;

/**
 * Data shared by stores of one process. Give one to several `MemoryStore` to let them stand for several instances.
 *
 * @publicApi
 */
export class MemoryStoreData {
  /** @internal */
  readonly listening = new Map<string, Set<Listening>>();
  readonly #records = new Map<string, MemoryRecord>();
  #version = 0;
  #writes = 0;

  /** @internal */
  get(key: StoreKey): MemoryRecord | undefined {
    const record = this.#records.get(nameOf(key));
    return record && record.expiresAt > performance.now() ? record : undefined;
  }

  /** @internal */
  set(key: StoreKey, ttlMs: number, log = new MemoryLog()): MemoryRecord {
    const record = { fields: new Map<string, string>(), version: 0, ttlMs, expiresAt: 0, log };
    this.#records.set(nameOf(key), record);
    this.renew(record, ttlMs);
    if (++this.#writes > Math.max(this.#records.size, LEAST_WRITES_TO_SWEEP)) this.#sweep();
    return record;
  }

  /** @internal */
  renew(record: MemoryRecord, ttlMs: number): void {
    record.ttlMs = ttlMs;
    record.expiresAt = performance.now() + ttlMs;
  }

  /** @internal */
  change(record: MemoryRecord): string {
    record.version = ++this.#version;
    return String(record.version);
  }

  /** @internal */
  delete(key: StoreKey): void {
    this.#records.delete(nameOf(key));
  }

  /** Not at once: a listener may do something with the store. @internal */
  ring(key: StoreKey, bell: Bell): void {
    const listening = key.hasLog ? this.listening.get(nameOf(key)) : undefined;
    if (!listening) return;
    queueMicrotask(() => {
      for (const each of [...listening]) if (listening.has(each)) each.ring(bell);
    });
  }

  #sweep(): void {
    this.#writes = 0;
    const now = performance.now();
    for (const [name, { expiresAt }] of this.#records) if (expiresAt <= now) this.#records.delete(name);
  }
}

/**
 * Keeps records in this process: for one instance and for tests, and a reference for stores of your own.
 *
 * @publicApi
 */
export class MemoryStore extends Store {
  override readonly isShared: boolean = false;
  readonly #stops = new Set<() => void>();

  constructor(private readonly data = new MemoryStoreData()) {
    super();
  }

  override async read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    const record = this.data.get(key);
    return record && toStored(record, only);
  }

  override async write(
    key: StoreKey,
    fields: StoreFields,
    { ttlMs, ifVersion }: StoreWriteOptions,
  ): Promise<string | undefined> {
    const old = this.data.get(key);
    if (ifVersion === null && old) return undefined;
    const isChange = typeof ifVersion === 'string';
    if (isChange && String(old?.version) !== ifVersion) return undefined;
    const record = this.data.set(key, ttlMs, isChange ? old?.log : undefined);
    record.fields = new Map(Object.entries(fields));
    if (old) this.data.ring(key, isChange ? 'changed' : 'stale');
    return this.data.change(record);
  }

  override async assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    const record = this.data.get(key);
    if (!record) return undefined;
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) record.fields.delete(name);
      else record.fields.set(name, value);
    }
    this.data.ring(key, 'changed');
    return this.data.change(record);
  }

  override async touch(
    key: StoreKey,
    ttlMs: number,
    { only }: { readonly only?: readonly string[] } = {},
  ): Promise<StoredRecord | undefined> {
    const record = this.data.get(key);
    if (!record) return undefined;
    this.data.renew(record, ttlMs);
    return toStored(record, only);
  }

  override async remove(
    key: StoreKey,
    { ifVersion }: { readonly ifVersion?: string } = {},
  ): Promise<StoreFields | undefined> {
    const record = this.data.get(key);
    if (!record || (ifVersion !== undefined && String(record.version) !== ifVersion)) return undefined;
    this.data.delete(key);
    this.data.ring(key, 'stale');
    return Object.fromEntries(record.fields);
  }

  override async append(
    key: StoreKey,
    tag: string,
    body: string,
    { id, isRepeat = false, consume, renew, ifHeard, limits }: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const record = this.data.get(key);
    if (!record) return 'gone';
    const earlier = record.log.find(tag, id, isRepeat);
    if (earlier) return { position: earlier.position, previous: earlier.previous };
    if (consume && !this.data.get(consume)) return 'gone';
    if (ifHeard && !this.data.listening.has(nameOf(key))) return 'unheard';
    if (limits.ifFull === 'refuse' && record.log.isFullFor(body, limits)) return 'full';
    if (consume) this.data.delete(consume);
    if (renew) this.data.renew(record, record.ttlMs);
    const entry = record.log.append(tag, body, id, limits);
    this.data.ring(key, { ...entry, tag });
    return { position: entry.position, previous: entry.previous };
  }

  override async entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    return this.data.get(key)?.log.slice(tag, after, limit);
  }

  override async trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    this.data.get(key)?.log.trim(tag, upTo);
  }

  override async listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    const { listening } = this.data;
    const one = { ring };
    const all = listening.get(nameOf(key)) ?? new Set();
    listening.set(nameOf(key), all.add(one));
    const stop = () => {
      this.#stops.delete(stop);
      if (all.delete(one) && all.size === 0) listening.delete(nameOf(key));
    };
    this.#stops.add(stop);
    return stop;
  }

  override async ping(): Promise<void> {}

  override async close(): Promise<void> {
    for (const stop of [...this.#stops]) stop();
  }
}

function toStored(
  { fields, version, expiresAt }: MemoryRecord,
  only: readonly string[] | undefined,
): StoredRecord {
  const chosen = only ? [...fields].filter(([name]) => only.includes(name)) : fields;
  return {
    fields: Object.fromEntries(chosen),
    version: String(version),
    remainingMs: expiresAt - performance.now(),
  };
}

function nameOf({ scope, name }: StoreKey): string {
  return `${scope}/${name}`;
}
