import { randomUUID } from 'node:crypto';
import type {
  AppendedEntry,
  AppendOptions,
  AppendRefusal,
  Bell,
  LogPosition,
  LogSlice,
  StoredRecord,
  StoreFields,
  StoreWriteOptions,
} from '../store.js';
import type { StoreObjectState } from './cloudflare.interface.js';
import { ObjectLog } from './object-log.js';

/** Part of its time to live that a record has to lose before a touch is written. */
const FRESH = 0.9;

interface Row {
  readonly fields: string;
  readonly version: string;
  readonly ttl: number;
  readonly expires: number;
}

/** The records of one scope, in the database of an object. Every method is one step: nothing else runs meanwhile. */
export class ObjectRecords {
  readonly #storage: StoreObjectState['storage'];
  readonly #log: ObjectLog;

  constructor(
    storage: StoreObjectState['storage'],
    private readonly ring: (name: string, bell: Bell) => void,
  ) {
    this.#storage = storage;
    this.#log = new ObjectLog(storage.sql);
    this.create();
  }

  create(): void {
    this.#storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS record (
        name TEXT PRIMARY KEY, fields TEXT, version TEXT, ttl INTEGER, expires INTEGER
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS record_expires ON record (expires)`);
    this.#log.create();
  }

  read(name: string, only?: readonly string[]): StoredRecord | undefined {
    const row = this.#get(name);
    return row && toStored(row, only);
  }

  write(name: string, fields: StoreFields, { ttlMs, ifVersion }: StoreWriteOptions): string | undefined {
    const old = this.#get(name);
    if (ifVersion === null && old) return undefined;
    const isChange = typeof ifVersion === 'string';
    if (isChange && old?.version !== ifVersion) return undefined;
    if (!isChange) this.#log.delete(name);
    const version = randomUUID();
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO record (name, fields, version, ttl, expires) VALUES (?, ?, ?, ?, ?)',
      ...[name, JSON.stringify(fields), version, ttlMs, Date.now() + ttlMs],
    );
    if (old) this.ring(name, isChange ? 'changed' : 'stale');
    return version;
  }

  assign(name: string, patch: Readonly<Record<string, string | null>>): string | undefined {
    const row = this.#get(name);
    if (!row) return undefined;
    const fields = new Map(Object.entries(JSON.parse(row.fields) as StoreFields));
    for (const [field, value] of Object.entries(patch)) {
      if (value === null) fields.delete(field);
      else fields.set(field, value);
    }
    const version = randomUUID();
    this.#storage.sql.exec(
      'UPDATE record SET fields = ?, version = ? WHERE name = ?',
      ...[JSON.stringify(Object.fromEntries(fields)), version, name],
    );
    this.ring(name, 'changed');
    return version;
  }

  touch(
    name: string,
    ttlMs: number,
    { only, exact = false }: { readonly only?: readonly string[]; readonly exact?: boolean } = {},
  ): StoredRecord | undefined {
    const row = this.#get(name);
    if (!row) return undefined;
    const remaining = row.expires - Date.now();
    const isFresh = !exact && row.ttl === ttlMs && remaining > ttlMs * FRESH;
    return toStored(isFresh ? row : this.#renew(name, row, ttlMs), only);
  }

  remove(name: string, { ifVersion }: { readonly ifVersion?: string } = {}): StoreFields | undefined {
    const row = this.#get(name);
    if (!row || (ifVersion !== undefined && row.version !== ifVersion)) return undefined;
    this.#delete(name);
    this.ring(name, 'stale');
    return JSON.parse(row.fields) as StoreFields;
  }

  append(
    name: string,
    tag: string,
    body: string,
    { id, isRepeat = false, consume, renew, limits }: AppendOptions,
  ): AppendedEntry | AppendRefusal {
    const row = this.#get(name);
    if (!row) return 'gone';
    const append = { name, tag, body, id, limits };
    const earlier = this.#log.find(append, isRepeat);
    if (earlier) return earlier;
    if (consume && !this.#get(consume.name)) return 'gone';
    if (limits.ifFull === 'refuse' && this.#log.isFullFor(append)) return 'full';
    const entry = this.#storage.transactionSync(() => {
      if (consume) this.#delete(consume.name);
      if (renew) this.#renew(name, row, row.ttl);
      return this.#log.append(append);
    });
    this.ring(name, { ...entry, tag });
    return { position: entry.position, previous: entry.previous };
  }

  entries(name: string, tag: string, after: LogPosition | undefined, limit: number): LogSlice | undefined {
    return this.#get(name) && this.#log.slice(name, tag, after, limit);
  }

  trim(name: string, tag: string, upTo: LogPosition): void {
    this.#log.trim(name, tag, upTo);
  }

  /** Removes what has expired; returns when the next record does, or `undefined` where there is none. */
  sweep(): number | undefined {
    const { sql } = this.#storage;
    for (const { name } of sql.exec('SELECT name FROM record WHERE expires <= ?', Date.now()).toArray()) {
      this.#delete(String(name));
      this.ring(String(name), 'stale');
    }
    return this.nextExpiry();
  }

  nextExpiry(): number | undefined {
    const [row] = this.#storage.sql.exec('SELECT min(expires) AS next FROM record').toArray();
    return typeof row?.['next'] === 'number' ? row['next'] : undefined;
  }

  #get(name: string): Row | undefined {
    const [row] = this.#storage.sql
      .exec(
        'SELECT fields, version, ttl, expires FROM record WHERE name = ? AND expires > ?',
        name,
        Date.now(),
      )
      .toArray();
    return row as Row | undefined;
  }

  #renew(name: string, row: Row, ttl: number): Row {
    const expires = Date.now() + ttl;
    this.#storage.sql.exec('UPDATE record SET ttl = ?, expires = ? WHERE name = ?', ttl, expires, name);
    return { ...row, ttl, expires };
  }

  #delete(name: string): void {
    this.#storage.sql.exec('DELETE FROM record WHERE name = ?', name);
    this.#log.delete(name);
  }
}

function toStored({ fields, version, expires }: Row, only: readonly string[] | undefined): StoredRecord {
  const all = JSON.parse(fields) as StoreFields;
  return {
    fields: only ? Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name))) : all,
    version,
    remainingMs: expires - Date.now(),
  };
}
