import assert from 'node:assert/strict';
import type {
  AppendedEntry,
  AppendOptions,
  Bell,
  LogEntry,
  LogLimits,
  LogPosition,
  LogSlice,
  Store,
  StoredRecord,
  StoreKey,
} from '../../adapters/store.js';
import { boundedCase, waitFor } from '../bounded-case.js';
import type { ContractCase } from '../contract.js';

export const LONG_MS = 60_000;

/** Limits that no case reaches unless it wants to. */
export const WIDE: LogLimits = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ifFull: 'drop' };

/** A record with a log and one without. */
export const LOGGED: StoreKey = { scope: 'scope', name: 'logged', hasLog: true };
export const PLAIN: StoreKey = { scope: 'scope', name: 'plain', hasLog: false };
export const BOTH: readonly StoreKey[] = [LOGGED, PLAIN];

/** Two instances on one store. */
export interface Stores {
  readonly first: Store;
  readonly second: Store;
  readonly both: readonly Store[];
}

export function storeCase(name: string, body: (stores: Stores) => Promise<void>): ContractCase<Store> {
  return boundedCase<Store>(name, async (subject) => {
    const [first, second] = [subject.adapter, await subject.another()];
    await body({ first, second, both: [first, second] });
  });
}

let count = 0;

/** An idempotency key that no other append of the process has. */
export function nextId(): string {
  return `append-${(++count).toString(36)}`;
}

/** Writes a record that was not there, and gives its version. */
export async function write(
  store: Store,
  key: StoreKey,
  fields: Readonly<Record<string, string>> = {},
  ttlMs = LONG_MS,
): Promise<string> {
  const version = await store.write(key, fields, { ttlMs });
  assert.equal(typeof version, 'string', 'a write without a condition gives a version');
  return version as string;
}

/** Appends, and insists on an entry. */
export async function append(
  store: Store,
  tag: string,
  body: string,
  options: Partial<AppendOptions> = {},
  key: StoreKey = LOGGED,
): Promise<AppendedEntry> {
  const appended = await store.append(key, tag, body, { id: nextId(), limits: WIDE, ...options });
  assert.equal(typeof appended, 'object', `something is appended, not ${JSON.stringify(appended)}`);
  return appended as AppendedEntry;
}

/** Reads a part of a log that has to be there. */
export async function slice(
  store: Store,
  tag: string,
  after?: LogPosition,
  limit = 10_000,
  key: StoreKey = LOGGED,
): Promise<LogSlice> {
  const found = await store.entries(key, tag, after, limit);
  assert.ok(found, 'the log of a record is there');
  return found;
}

export async function bodies(store: Store, tag: string, after?: LogPosition): Promise<readonly string[]> {
  return (await slice(store, tag, after)).entries.map(({ body }) => body);
}

export async function record(store: Store, key: StoreKey): Promise<StoredRecord> {
  const found = await store.read(key);
  assert.ok(found, 'the record is there');
  return found;
}

/** Asserts that entries name one another, and that the last one is the tail. */
export function assertChained({ entries, tail }: LogSlice, after?: LogPosition): void {
  let last = after ?? entries[0]?.previous;
  for (const { position, previous } of entries) {
    assert.equal(previous, last, 'an entry names the one before it');
    last = position;
  }
  assert.equal(tail, last, 'the last entry is the tail');
}

/** Bells as they are heard. */
export class Heard {
  readonly bells: Bell[] = [];
  stop!: () => void;

  static async on(store: Store, key: StoreKey): Promise<Heard> {
    const heard = new Heard();
    heard.stop = await store.listen(key, (bell) => void heard.bells.push(bell));
    return heard;
  }

  get entries(): readonly LogEntry[] {
    return this.bells.filter((bell) => typeof bell !== 'string');
  }

  /** Repeats something, since single bells may be lost, until a bell says what it should. */
  async after(work: () => Promise<unknown>, isRight: (bell: Bell) => boolean, what: string): Promise<void> {
    await waitFor(async () => {
      if (!this.bells.some(isRight)) await work();
      return this.bells.some(isRight);
    }, what);
  }
}
