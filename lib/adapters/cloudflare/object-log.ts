import type { AppendedEntry, LogEntry, LogLimits, LogPosition, LogSlice } from '../store.js';
import type { StoreObjectState } from './cloudflare.interface.js';

/** Newest entries among which a repeated append is looked for. */
const LOOKED_AT = 256;

/** Tags whose tail is known, and how many of the oldest are forgotten when there are more. */
const MAX_TAGS = 1_024;
const FORGOTTEN_TAGS = 256;

/** Making room makes more of it than is needed, so that a full log costs little on average. */
const ROOM = 7 / 8;

/** Part of the limits that a tag keeps while others have more. */
const FAIR_SHARE = 1 / 4;

/** Position of what is appended: who, in which log, and its limits. */
export interface ObjectAppend {
  readonly name: string;
  readonly tag: string;
  readonly body: string;
  readonly id: string;
  readonly limits: LogLimits;
}

/** Facts of an entry that decide whether it may be dropped. */
interface Size {
  readonly number: number;
  readonly tag: string;
  readonly bytes: number;
}

/** The logs of an object, each of one record. */
export class ObjectLog {
  constructor(private readonly sql: StoreObjectState['storage']['sql']) {}

  create(): void {
    this.sql.exec(`
      CREATE TABLE IF NOT EXISTS entry (
        name TEXT, number INTEGER, tag TEXT, id TEXT, previous TEXT, body TEXT, bytes INTEGER,
        PRIMARY KEY (name, number)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS entry_of_tag ON entry (name, tag, number);
      CREATE TABLE IF NOT EXISTS tail (
        name TEXT, tag TEXT, number INTEGER, id TEXT, PRIMARY KEY (name, tag)
      ) WITHOUT ROWID`);
  }

  delete(name: string): void {
    this.sql.exec('DELETE FROM entry WHERE name = ?', name);
    this.sql.exec('DELETE FROM tail WHERE name = ?', name);
  }

  find({ name, tag, id }: ObjectAppend, isRepeat: boolean): AppendedEntry | undefined {
    const tail = this.#tail(name, tag);
    if (tail?.endsWith(`.${id}`)) return { position: tail, previous: this.#previousOf(name, tail) };
    if (!isRepeat) return undefined;
    const [row] = this.sql
      .exec(
        `SELECT number, id, previous FROM entry WHERE name = ? AND tag = ? AND id = ? AND number >= coalesce(
           (SELECT number FROM entry WHERE name = ? ORDER BY number DESC LIMIT 1 OFFSET ${LOOKED_AT - 1}), 0)`,
        ...[name, tag, id, name],
      )
      .toArray();
    return row && toEntry(row);
  }

  isFullFor({ name, body, limits }: ObjectAppend): boolean {
    const { entries, bytes } = this.#size(name);
    if (entries === 0) return false;
    return entries >= limits.maxEntries || bytes + Buffer.byteLength(body) > limits.maxBytes;
  }

  append(append: ObjectAppend): LogEntry {
    const { name, tag, body, id, limits } = append;
    const previous = this.#tail(name, tag);
    // The newest tail is never forgotten, so that numbers are not given again.
    const [row] = this.sql.exec('SELECT max(number) AS number FROM tail WHERE name = ?', name).toArray();
    const number = Number(row?.['number'] ?? 0) + 1;
    this.sql.exec(
      'INSERT INTO entry (name, number, tag, id, previous, body, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[name, number, tag, id, previous ?? null, body, Buffer.byteLength(body)],
    );
    this.sql.exec(
      'INSERT OR REPLACE INTO tail (name, tag, number, id) VALUES (?, ?, ?, ?)',
      name,
      tag,
      number,
      id,
    );
    this.#forgetTags(name);
    if (limits.ifFull === 'drop') this.#makeRoom(name, limits);
    return { position: `${number}.${id}`, previous, body };
  }

  slice(name: string, tag: string, after: LogPosition | undefined, limit: number): LogSlice {
    const tail = this.#tail(name, tag);
    const rows = this.sql
      .exec(
        `SELECT number, id, previous, body FROM entry WHERE name = ? AND tag = ? AND number > ?
           ORDER BY number LIMIT ?`,
        ...[name, tag, numberOf(after), limit + 1],
      )
      .toArray();
    const entries = rows.slice(0, limit).map((row) => ({ ...toEntry(row), body: String(row['body']) }));
    return { entries, tail, isAll: rows.length <= limit };
  }

  trim(name: string, tag: string, upTo: LogPosition): void {
    this.sql.exec('DELETE FROM entry WHERE name = ? AND tag = ? AND number <= ?', name, tag, numberOf(upTo));
  }

  #tail(name: string, tag: string): LogPosition | undefined {
    const [row] = this.sql
      .exec('SELECT number, id FROM tail WHERE name = ? AND tag = ?', name, tag)
      .toArray();
    return row && toPosition(row);
  }

  #previousOf(name: string, position: LogPosition): LogPosition | undefined {
    const [row] = this.sql
      .exec('SELECT previous FROM entry WHERE name = ? AND number = ?', name, numberOf(position))
      .toArray();
    return row && toText(row['previous']);
  }

  #size(name: string): { entries: number; bytes: number } {
    const [row] = this.sql
      .exec('SELECT count(*) AS entries, sum(bytes) AS bytes FROM entry WHERE name = ?', name)
      .toArray();
    return { entries: Number(row?.['entries']), bytes: Number(row?.['bytes'] ?? 0) };
  }

  #forgetTags(name: string): void {
    const [row] = this.sql.exec('SELECT count(*) AS tags FROM tail WHERE name = ?', name).toArray();
    if (Number(row?.['tags']) <= MAX_TAGS) return;
    this.sql.exec(
      `DELETE FROM tail WHERE name = ? AND tag IN
         (SELECT tag FROM tail WHERE name = ? ORDER BY number LIMIT ${FORGOTTEN_TAGS})`,
      ...[name, name],
    );
  }

  #makeRoom(name: string, limits: LogLimits): void {
    const size = this.#size(name);
    if (size.entries <= limits.maxEntries && size.bytes <= limits.maxBytes) return;
    const rows = this.sql
      .exec('SELECT number, tag, bytes FROM entry WHERE name = ? ORDER BY number', name)
      .toArray() as unknown as Size[];
    const tails = this.sql.exec('SELECT number FROM tail WHERE name = ?', name).toArray();
    const isTail = new Set(tails.map(({ number }) => Number(number)));
    for (const { number } of toDrop(rows, (entry) => isTail.has(entry.number), limits)) {
      this.sql.exec('DELETE FROM entry WHERE name = ? AND number = ?', name, number);
    }
  }
}

/** Which entries make room, of those but the newest: of tags with more than their share first, the tails last. */
function toDrop(rows: readonly Size[], isTail: (entry: Size) => boolean, limits: LogLimits): Set<Size> {
  const sizes = new Map<string, { entries: number; bytes: number }>();
  const total = { entries: 0, bytes: 0 };
  const count = ({ tag, bytes }: Size, sign: 1 | -1) => {
    const size = sizes.get(tag) ?? { entries: 0, bytes: 0 };
    sizes.set(tag, size);
    for (const each of [size, total]) {
      each.entries += sign;
      each.bytes += sign * bytes;
    }
  };
  for (const row of rows) count(row, 1);
  const exceeds = ({ entries, bytes }: typeof total, part: number) =>
    entries > limits.maxEntries * part || bytes > limits.maxBytes * part;
  const hasMuch = ({ tag }: Size) => exceeds(sizes.get(tag) ?? total, FAIR_SHARE);
  const dropped = new Set<Size>();
  const passes = [(row: Size) => !isTail(row) && hasMuch(row), (row: Size) => !isTail(row), () => true];
  for (const mayGo of passes) {
    for (const row of rows.slice(0, -1)) {
      if (!exceeds(total, ROOM)) return dropped;
      if (dropped.has(row) || !mayGo(row)) continue;
      dropped.add(row);
      count(row, -1);
    }
  }
  return dropped;
}

function toEntry(row: Readonly<Record<string, unknown>>): AppendedEntry {
  return { position: toPosition(row), previous: toText(row['previous']) };
}

function toPosition({ number, id }: Readonly<Record<string, unknown>>): LogPosition {
  return `${Number(number)}.${String(id)}`;
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(position: LogPosition | undefined): number {
  return position === undefined ? 0 : Number.parseInt(position, 10);
}
