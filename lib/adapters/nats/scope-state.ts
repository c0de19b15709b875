import type { LogPosition, StoreFields } from '../store.js';

/** Tags whose tail is known, and how many of the oldest are forgotten when there are more. */
const MAX_TAGS = 1_024;
const FORGOTTEN_TAGS = 256;

/** An entry of a log without its body, which is in the message of this sequence. */
export interface LogItem {
  readonly seq: number;
  readonly tag: string;
  readonly id: string;
  readonly bytes: number;
  readonly previous: LogPosition | undefined;
  /** Sequences of the messages that have the beginning of its body. */
  readonly parts: readonly number[];
}

export interface ScopeRecord {
  readonly fields: StoreFields;
  readonly version: string;
  readonly ttlMs: number;
  /** By the clock of the server, in milliseconds. */
  readonly expiresAt: number;
  readonly items: readonly LogItem[];
  /** Newest position of each tag, the tag used longest ago first. */
  readonly tails: ReadonlyMap<string, LogPosition>;
}

/** Effect of a message on one record of its scope: without conditions, so that every reader gets the same. */
export type Change = { readonly name: string } & (
  | {
      readonly does: 'write';
      readonly fields: StoreFields;
      readonly ttlMs: number;
      readonly keepsLog: boolean;
    }
  | { readonly does: 'assign'; readonly patch: Readonly<Record<string, string | null>> }
  | { readonly does: 'touch'; readonly ttlMs: number }
  | { readonly does: 'remove' }
  | {
      readonly does: 'append';
      readonly tag: string;
      readonly id: string;
      readonly bytes: number;
      readonly renews: boolean;
    }
  | { readonly does: 'drop'; readonly seqs: readonly number[] }
);

/** A message of a scope, but for the body of an appended entry. */
export interface ScopeMessage {
  /** When it was written, by the clock of the server. */
  readonly at: number;
  /** Deadline, by the clock of the server: later it changes nothing, since the sender may have reported a failure. */
  readonly until?: number | undefined;
  /** The message has a part of the body of an entry, this one from 0 on. The message that appends it follows the parts at once. */
  readonly part?: number;
  /** How many of these go before the body. */
  readonly parts?: number;
  /** Records before this message. A message without it names those that lead to it, the one with the records first. */
  readonly records?: StoredRecords;
  readonly since?: readonly number[];
  readonly changes: readonly Change[];
}

export type StoredRecords = Readonly<
  Record<
    string,
    Omit<ScopeRecord, 'items' | 'tails'> & {
      readonly items: readonly (readonly [
        number,
        string,
        string,
        number,
        LogPosition | null,
        readonly number[],
      ])[];
      readonly tails: readonly (readonly [string, LogPosition])[];
    }
  >
>;

/** Sum of the messages of one scope, up to one of them. Never changed: each message makes another one. */
export interface ScopeState {
  /** Sequence of the newest message; 0 where there is none. */
  readonly seq: number;
  /** Sequences that lead from the newest message with all records to this state. */
  readonly since: readonly number[];
  /** Sequences that nothing needs after the next message with all records. */
  readonly garbage: readonly number[];
  /** Sequences of parts of an entry that may follow. */
  readonly parts: readonly number[];
  readonly records: ReadonlyMap<string, ScopeRecord>;
}

export const EMPTY: ScopeState = { seq: 0, since: [], garbage: [], parts: [], records: new Map() };

export function positionOf({ seq, id }: Pick<LogItem, 'seq' | 'id'>): LogPosition {
  return `${seq}.${id}`;
}

/** The state after a message of a sequence, which was stored at this time of the server. */
export function applyMessage(
  before: ScopeState,
  message: ScopeMessage,
  seq: number,
  storedAt: number,
): ScopeState {
  const records = message.records ? decodeRecords(message.records) : new Map(before.records);
  const garbage = message.records ? [] : [...before.garbage];
  const since = message.records ? [seq] : [...before.since, seq];
  const isInTime = storedAt <= (message.until ?? Infinity);
  const changes = isInTime ? message.changes : [];
  // Parts of a sender that did not go on.
  const isNext = isInTime && (message.part ?? message.parts ?? 0) === before.parts.length;
  const parts = isNext ? before.parts : [];
  if (!isNext && !message.records) garbage.push(...before.parts);
  if (isInTime && message.part !== undefined) return { seq, since, garbage, parts: [...parts, seq], records };
  if (!changes.some(({ does }) => does === 'append')) garbage.push(seq);
  for (const change of changes) {
    const old = records.get(change.name);
    const next = applyChange(old, change, message.at, seq, parts);
    if (next) records.set(change.name, next);
    else records.delete(change.name);
    if (!old || change.does === 'append' || next?.items === old.items) continue;
    const kept = new Set(next?.items.map((item) => item.seq));
    for (const item of old.items) if (!kept.has(item.seq)) garbage.push(item.seq, ...item.parts);
  }
  return { seq, since, garbage, parts: [], records };
}

function applyChange(
  old: ScopeRecord | undefined,
  change: Change,
  at: number,
  seq: number,
  parts: readonly number[],
): ScopeRecord | undefined {
  if (change.does === 'write') {
    const { fields, ttlMs, keepsLog } = change;
    const { items = [], tails = new Map() } = (keepsLog && old) || {};
    return { fields, ttlMs, version: String(seq), expiresAt: at + ttlMs, items, tails };
  }
  if (!old) return undefined;
  switch (change.does) {
    case 'assign': {
      const fields = Object.entries({ ...old.fields, ...change.patch }).filter(([, value]) => value !== null);
      return { ...old, fields: Object.fromEntries(fields) as StoreFields, version: String(seq) };
    }
    case 'touch':
      return { ...old, ttlMs: change.ttlMs, expiresAt: at + change.ttlMs };
    case 'append': {
      const { tag, id, bytes, renews } = change;
      const item = { seq, tag, id, bytes, previous: old.tails.get(tag), parts };
      const tails = new Map(old.tails);
      tails.delete(tag);
      tails.set(tag, positionOf(item));
      if (tails.size > MAX_TAGS) {
        for (const oldest of [...tails.keys()].slice(0, FORGOTTEN_TAGS)) tails.delete(oldest);
      }
      const expiresAt = renews ? at + old.ttlMs : old.expiresAt;
      return { ...old, expiresAt, items: [...old.items, item], tails };
    }
    case 'drop': {
      const dropped = new Set(change.seqs);
      return { ...old, items: old.items.filter((item) => !dropped.has(item.seq)) };
    }
    case 'remove':
      return undefined;
  }
}

/** Messages that are known to be there from one sequence to another. */
export function countBetween({ records, garbage }: ScopeState, from = 0, to = 0): number {
  const isBetween = (seq: number) => seq >= from && seq <= to;
  let count = garbage.filter(isBetween).length;
  for (const { items } of records.values()) {
    for (const { seq, parts } of items) if (isBetween(seq)) count += 1 + parts.length;
  }
  return count;
}

/** All records, as a message carries them. */
export function encodeRecords({ records }: ScopeState): StoredRecords {
  return Object.fromEntries(
    [...records].map(([name, { items, tails, ...record }]) => [
      name,
      {
        ...record,
        items: items.map(({ seq, tag, id, bytes, previous, parts }) => [
          seq,
          tag,
          id,
          bytes,
          previous ?? null,
          parts,
        ]),
        tails: [...tails],
      },
    ]),
  );
}

function decodeRecords(stored: StoredRecords): Map<string, ScopeRecord> {
  return new Map(
    Object.entries(stored).map(([name, { items, tails, ...record }]) => [
      name,
      {
        ...record,
        items: items.map(([seq, tag, id, bytes, previous, parts]) => ({
          ...{ seq, tag, id, bytes, previous: previous ?? undefined, parts },
        })),
        tails: new Map(tails),
      },
    ]),
  );
}
