import type { AppendedEntry, LogEntry, LogLimits, LogPosition, LogSlice } from '../store.js';

/** Newest entries among which a repeated append is looked for. */
const LOOKED_AT = 256;

/** Tags whose tail is known, and how many of the oldest are forgotten when there are more. */
const MAX_TAGS = 1_024;
const FORGOTTEN_TAGS = 256;

/** Making room makes more of it than is needed, so that a full log costs little on average. */
const ROOM = 7 / 8;

/** Part of the limits that a tag keeps while others have more. */
const FAIR_SHARE = 1 / 4;

interface Entry extends LogEntry {
  readonly tag: string;
  readonly bytes: number;
}

/** The log of one record: entries of all tags in one order. */
export class MemoryLog {
  #entries: Entry[] = [];
  #bytes = 0;
  #number = 0;
  /** Newest position of each tag, the tag used longest ago first. */
  readonly #tails = new Map<string, LogPosition>();

  find(tag: string, id: string, isRepeat: boolean): AppendedEntry | undefined {
    const candidates = isRepeat ? this.#entries.slice(-LOOKED_AT) : this.#entries;
    const isIt = (entry: Entry) => entry.tag === tag && entry.position.endsWith(`.${id}`);
    if (isRepeat) return candidates.find(isIt);
    return this.#tails.get(tag)?.endsWith(`.${id}`) === true ? candidates.findLast(isIt) : undefined;
  }

  isFullFor(body: string, { maxEntries, maxBytes }: LogLimits): boolean {
    if (this.#entries.length === 0) return false;
    return this.#entries.length >= maxEntries || this.#bytes + Buffer.byteLength(body) > maxBytes;
  }

  append(tag: string, body: string, id: string, limits: LogLimits): LogEntry {
    const previous = this.#tails.get(tag);
    const position = `${++this.#number}.${id}`;
    const entry = { tag, position, previous, body, bytes: Buffer.byteLength(body) };
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
    this.#tails.delete(tag);
    this.#tails.set(tag, position);
    if (this.#tails.size > MAX_TAGS) this.#forgetTags();
    if (limits.ifFull === 'drop') this.#makeRoom(limits);
    return { position, previous, body };
  }

  slice(tag: string, after: LogPosition | undefined, limit: number): LogSlice {
    const tail = this.#tails.get(tag);
    const from = numberOf(after);
    if (numberOf(tail) <= from) return { entries: [], tail, isAll: true };
    const entries: LogEntry[] = [];
    for (const { position, previous, body, tag: of } of this.#entries) {
      if (of !== tag || numberOf(position) <= from) continue;
      if (entries.length === limit) return { entries, tail, isAll: false };
      entries.push({ position, previous, body });
    }
    return { entries, tail, isAll: true };
  }

  trim(tag: string, upTo: LogPosition): void {
    const last = numberOf(upTo);
    this.#keep((entry) => entry.tag !== tag || numberOf(entry.position) > last);
  }

  /** Drops the tails used longest ago. Entries of theirs go when room is made. */
  #forgetTags(): void {
    const oldest = [...this.#tails.keys()].slice(0, FORGOTTEN_TAGS);
    for (const tag of oldest) this.#tails.delete(tag);
  }

  #makeRoom({ maxEntries, maxBytes }: LogLimits): void {
    let [entries, bytes] = [this.#entries.length, this.#bytes];
    if (entries <= maxEntries && bytes <= maxBytes) return;
    const sizes = this.#sizes();
    const dropped = new Set<Entry>();
    const isOver = () => entries > maxEntries * ROOM || bytes > maxBytes * ROOM;
    const hasMuch = ({ tag }: Entry) => {
      const size = sizes.get(tag);
      return size && (size.entries > maxEntries * FAIR_SHARE || size.bytes > maxBytes * FAIR_SHARE);
    };
    const isTail = (entry: Entry) => this.#tails.get(entry.tag) === entry.position;
    for (const mayGo of [(entry: Entry) => !isTail(entry) && hasMuch(entry), not(isTail), () => true]) {
      for (const entry of this.#entries.slice(0, -1)) {
        if (!isOver()) break;
        if (dropped.has(entry) || !mayGo(entry)) continue;
        dropped.add(entry);
        entries--;
        bytes -= entry.bytes;
        const size = sizes.get(entry.tag) as { entries: number; bytes: number };
        size.entries--;
        size.bytes -= entry.bytes;
      }
    }
    this.#keep((entry) => !dropped.has(entry));
  }

  #sizes(): Map<string, { entries: number; bytes: number }> {
    const sizes = new Map<string, { entries: number; bytes: number }>();
    for (const { tag, bytes } of this.#entries) {
      const size = sizes.get(tag) ?? { entries: 0, bytes: 0 };
      sizes.set(tag, { entries: size.entries + 1, bytes: size.bytes + bytes });
    }
    return sizes;
  }

  #keep(isKept: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter(isKept);
    this.#bytes = this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function not<T>(condition: (value: T) => boolean): (value: T) => boolean {
  return (value) => !condition(value);
}

function numberOf(position: LogPosition | undefined): number {
  return position === undefined ? 0 : Number.parseInt(position, 10);
}
