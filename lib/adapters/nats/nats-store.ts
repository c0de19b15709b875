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
} from '../store.js';
import { START_TIMEOUT_MS } from '../store/retry.js';
import { NatsBells } from './nats-bells.js';
import { NatsLink } from './nats-link.js';
import { NatsScopes, type Changed } from './nats-scopes.js';
import type { NatsStoreOptions } from './nats-store-options.interface.js';
import { NatsSweep } from './nats-sweep.js';
import { findAppend, isFullFor, roomFor } from './scope-log.js';
import { positionOf, type Change, type ScopeRecord, type ScopeState } from './scope-state.js';

/** Part of its time to live that a record has to have left for a touch to leave it alone. */
const FRESH = 0.9;

/**
 * Keeps records in one JetStream stream, with a subject per scope. Every change is a message that is stored only if the
 * one before it is still the newest of its subject, and records are what these messages amount to: so all that one call
 * does happens at once, or not at all. Bells are messages that are not stored.
 *
 * A change costs one request as long as no other instance changes the same scope, a read one. While NATS is away calls
 * reject with `AdapterUnavailableError`; a change that was rejected so does not count when the server gets it later. Entries
 * that do not fit into a message are kept in parts. Records that do not are refused with a `RangeError`, and nothing changes.
 *
 * @publicApi
 */
export class NatsStore extends Store {
  override readonly startTimeoutMs: number;
  readonly #link: NatsLink;
  readonly #scopes: NatsScopes;
  readonly #bells: NatsBells;
  readonly #sweep: NatsSweep;

  /** Takes a connection of the application, or how to make one. Connects with the first call. */
  constructor(options: NatsStoreOptions) {
    super();
    this.startTimeoutMs = options.connectTimeoutMs ?? START_TIMEOUT_MS;
    this.#link = new NatsLink(options);
    this.#scopes = new NatsScopes(this.#link);
    this.#bells = new NatsBells(this.#link);
    this.#sweep = new NatsSweep(this.#link, this.#scopes);
  }

  override get steadyForMs(): number {
    return this.#link.restoredForMs;
  }

  override get details(): Readonly<Record<string, string>> {
    return { stream: this.#link.names.stream };
  }

  override open(): Promise<void> {
    return this.#link.open();
  }

  override async read(key: StoreKey, only?: readonly string[]): Promise<StoredRecord | undefined> {
    const record = this.#find(await this.#scopes.current(key.scope), key);
    return record && this.#toStored(record, only);
  }

  override async write(
    key: StoreKey,
    fields: StoreFields,
    { ttlMs, ifVersion }: StoreWriteOptions,
  ): Promise<string | undefined> {
    const isChange = typeof ifVersion === 'string';
    const change = {
      does: 'write',
      name: key.name,
      fields: { ...fields },
      ttlMs,
      keepsLog: isChange,
    } as const;
    const changed = await this.#change(key, (old) => {
      const isAllowed = ifVersion === undefined || (isChange ? old?.version === ifVersion : !old);
      return isAllowed ? [change] : undefined;
    });
    if (!changed) return undefined;
    if (changed.before.records.has(key.name)) this.#bells.ring(key, isChange ? 'changed' : 'stale');
    return changed.after.records.get(key.name)?.version;
  }

  override async assign(
    key: StoreKey,
    patch: Readonly<Record<string, string | null>>,
  ): Promise<string | undefined> {
    const change = { does: 'assign', name: key.name, patch: { ...patch } } as const;
    const changed = await this.#change(key, (old) => old && [change]);
    if (changed) this.#bells.ring(key, 'changed');
    return changed?.after.records.get(key.name)?.version;
  }

  override async touch(
    key: StoreKey,
    ttlMs: number,
    { only, exact = false }: { readonly only?: readonly string[]; readonly exact?: boolean } = {},
  ): Promise<StoredRecord | undefined> {
    if (!exact) {
      const record = this.#find(await this.#scopes.current(key.scope), key);
      if (!record) return undefined;
      const remainingMs = record.expiresAt - this.#link.clock.now();
      if (remainingMs >= ttlMs * FRESH && remainingMs <= ttlMs) return this.#toStored(record, only);
    }
    const changed = await this.#change(key, (old) => old && [{ does: 'touch', name: key.name, ttlMs }]);
    const record = changed?.after.records.get(key.name);
    return record && this.#toStored(record, only);
  }

  override async remove(
    key: StoreKey,
    { ifVersion }: { readonly ifVersion?: string } = {},
  ): Promise<StoreFields | undefined> {
    const changed = await this.#change(key, (old) => {
      const isMeant = old && (ifVersion === undefined || old.version === ifVersion);
      return isMeant ? [{ does: 'remove', name: key.name }] : undefined;
    });
    if (!changed) return undefined;
    this.#bells.ring(key, 'stale');
    return { ...changed.before.records.get(key.name)?.fields };
  }

  override async append(
    key: StoreKey,
    tag: string,
    body: string,
    { id, isRepeat = false, consume, renew = false, ifHeard, limits }: AppendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const { name } = key;
    const bytes = Buffer.byteLength(body);
    const isHeard = !ifHeard || (await this.#bells.isHeard(key));
    const changed = await this.#scopes.change<AppendedEntry | AppendRefusal>(key.scope, (state) => {
      const old = this.#find(state, key);
      if (!old) return 'gone';
      const earlier = findAppend(old, tag, id, isRepeat);
      if (earlier) return earlier;
      if (consume && !this.#find(state, consume)) return 'gone';
      if (!isHeard) return 'unheard';
      if (limits.ifFull === 'refuse' && isFullFor(bytes, old, limits)) return 'full';
      const seqs = limits.ifFull === 'drop' ? roomFor(tag, bytes, old, limits) : [];
      const changes: Change[] = [{ does: 'append', name, tag, id, bytes, renews: renew }];
      if (seqs.length > 0) changes.push({ does: 'drop', name, seqs });
      if (consume) changes.push({ does: 'remove', name: consume.name });
      return { changes, body };
    });
    if (!isChanged(changed)) return changed;
    const { before, after } = changed;
    const position = positionOf({ seq: after.seq, id });
    const previous = before.records.get(name)?.tails.get(tag);
    this.#bells.ring(key, { position, previous, tag, body });
    return { position, previous };
  }

  override async entries(
    key: StoreKey,
    tag: string,
    after: LogPosition | undefined,
    limit: number,
  ): Promise<LogSlice | undefined> {
    const from = after === undefined ? 0 : Number.parseInt(after, 10);
    for (;;) {
      const state = await this.#scopes.current(key.scope);
      const record = this.#find(state, key);
      if (!record) return undefined;
      const items = record.items.filter((item) => item.tag === tag && item.seq > from);
      const chosen = items.slice(0, limit);
      const bodies = await this.#scopes.bodies(key.scope, state, chosen);
      // Some were dropped while they were read.
      if (!bodies) continue;
      const entries = chosen.map((item, n) => {
        return { position: positionOf(item), previous: item.previous, body: bodies[n] as string };
      });
      return { entries, tail: record.tails.get(tag), isAll: chosen.length === items.length };
    }
  }

  override async trim(key: StoreKey, tag: string, upTo: LogPosition): Promise<void> {
    const last = Number.parseInt(upTo, 10);
    await this.#change(key, (old) => {
      const trimmed = old?.items.filter((item) => item.tag === tag && item.seq <= last) ?? [];
      const seqs = trimmed.map(({ seq }) => seq);
      return seqs.length > 0 ? [{ does: 'drop', name: key.name, seqs }] : undefined;
    });
  }

  override listen(key: StoreKey, ring: BellListener): Promise<() => void> {
    return this.#bells.listen(key, ring);
  }

  override async ping(): Promise<void> {
    await this.#link.run(({ manager }) => manager.streams.info(this.#link.names.stream));
  }

  override async close(): Promise<void> {
    this.#sweep.stop();
    this.#bells.close();
    await this.#scopes.settled();
    await this.#link.close();
  }

  async #change(
    key: StoreKey,
    decide: (record: ScopeRecord | undefined) => readonly Change[] | undefined,
  ): Promise<Changed | undefined> {
    return this.#scopes.change<undefined>(key.scope, (state) => {
      const changes = decide(this.#find(state, key));
      return changes && { changes };
    });
  }

  #find({ records }: ScopeState, { name }: StoreKey): ScopeRecord | undefined {
    const record = records.get(name);
    return record && record.expiresAt > this.#link.clock.now() ? record : undefined;
  }

  #toStored({ fields, version, expiresAt }: ScopeRecord, only: readonly string[] | undefined): StoredRecord {
    const chosen = Object.entries(fields).filter(([name]) => only?.includes(name) ?? true);
    return { fields: Object.fromEntries(chosen), version, remainingMs: expiresAt - this.#link.clock.now() };
  }
}

/**
 * Makes a store that keeps everything in NATS, with JetStream. The stream has to be there, see `migrate` and `setUpNats`.
 *
 * A user with limited permissions needs, of the default names, to publish to `mcp.>`, `_INBOX.>`, `$JS.API.STREAM.INFO.MCP`,
 * `$JS.API.DIRECT.GET.MCP` and what is below it (`$JS.API.STREAM.MSG.GET.MCP` with replicas),
 * `$JS.API.STREAM.MSG.DELETE.MCP`, `$JS.API.STREAM.PURGE.MCP` and `$JS.API.CONSUMER.>`, and to subscribe to `_INBOX.>` and
 * `mcp.bell.>`.
 *
 * @publicApi
 */
export function natsStore(options: NatsStoreOptions): NatsStore {
  return new NatsStore(options);
}

function isChanged(value: Changed | AppendedEntry | AppendRefusal): value is Changed {
  return typeof value === 'object' && 'after' in value;
}
