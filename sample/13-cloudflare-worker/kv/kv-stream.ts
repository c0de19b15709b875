import { randomBytes } from 'node:crypto';
import { keysBelow, nameOf, put, type KvNamespace } from './kv-namespace.js';

/** Position in a stream: of each writer the number of its last event that was seen. */
type Position = ReadonlyMap<string, number>;

interface EventText {
  /** Its position in the order in which the events were seen here, as text. */
  readonly id: string;
  readonly message: string;
}

interface SeenEvent extends EventText {
  readonly writer: string;
  readonly number: number;
  readonly position: Position;
}

interface Stamp {
  /** Time of the write, by the clock of the writer. */
  readonly at: number;
}

/** Age at which a write has arrived everywhere: a gap before it is one of expired events. */
const ARRIVED_MS = 5 * 60_000;

/** Events that are held here; a reader that is further behind has lost some. */
const MAX_EVENTS = 1_024;

/** Writers of one stream. Each instance is one, and another one after a restart. */
const MAX_WRITERS = 64;

/**
 * A stream as this instance sees it. Each event is a key of its own, below the name of its writer and numbered there, so that
 * no two instances write the same key, and a reader knows what has not arrived yet: an event waits for those before it, of
 * the same writer. As writers have no common order, a position is a number of each of them.
 *
 * A stream has one reader, its client: what that has seen elsewhere counts as seen here.
 */
export class KvStream {
  readonly #tag: string;
  #writer = newWriter();
  #written = 0;
  #writtenAt = 0;
  readonly #seen = new Map<string, number>();
  readonly #forgotten = new Map<string, number>();
  readonly #events: SeenEvent[] = [];
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kv: KvNamespace,
    private readonly prefix: string,
    private readonly ttlSeconds: number,
  ) {
    this.#tag = nameOf(prefix).slice(0, 8);
  }

  /** Adds an event. @returns the position behind it */
  append(message: string): Promise<string> {
    return this.#inTurn(async () => {
      await this.#look();
      const number = this.#written + 1;
      const at = Math.max(Date.now(), this.#writtenAt + 1);
      try {
        await put(this.kv, `${this.prefix}${this.#writer}/${digits(number)}`, message, {
          expirationTtl: this.ttlSeconds,
          metadata: { at } satisfies Stamp,
        });
      } catch (error) {
        // It may be there nevertheless: its number is not to be that of another event.
        this.#writer = newWriter();
        this.#written = 0;
        throw error;
      }
      this.#written = number;
      this.#writtenAt = at;
      return this.#push(this.#writer, number, message).id;
    });
  }

  /** The events behind a position; `undefined` where it is none, or where some of them are not there any more. */
  after(id: string): Promise<readonly EventText[] | undefined> {
    return this.#inTurn(async () => {
      await this.#look();
      const index = this.#events.findLastIndex((event) => event.id === id);
      if (index >= 0) return this.#events.slice(index + 1);
      const given = this.#parse(id);
      if (!given || !this.#isPossible(given)) return undefined;
      const missed = this.#events.filter(({ writer, number }) => number > (given.get(writer) ?? 0));
      // Events that the client has seen elsewhere need not arrive here any more.
      merge(this.#seen, given);
      return missed.map(({ position, message }) => ({
        id: this.#format(merge(new Map(position), given)),
        message,
      }));
    });
  }

  #isPossible(given: Position): boolean {
    if ((given.get(this.#writer) ?? 0) > this.#written) return false;
    if (new Set([...given.keys(), ...this.#seen.keys()]).size > MAX_WRITERS) return false;
    return [...this.#forgotten].every(([writer, number]) => number <= (given.get(writer) ?? 0));
  }

  /** Takes in what has arrived since. */
  async #look(): Promise<void> {
    const keys = await keysBelow<Stamp>(this.kv, this.prefix);
    const arrived = keys
      .map(({ name, metadata }) => {
        const [writer = '', number] = name.slice(this.prefix.length).split('/');
        return { name, writer, number: Number(number), at: metadata?.at ?? 0 };
      })
      .filter(({ writer, number }) => writer !== this.#writer && number > this.#last(writer))
      // Stable: the events of a writer are in order already.
      .sort((one, other) => one.at - other.at);
    const held = new Set<string>();
    for (const { name, writer, number, at } of arrived) {
      const isNext = number === this.#last(writer) + 1 || at < Date.now() - ARRIVED_MS;
      const message = isNext && !held.has(writer) ? await this.kv.get(name) : null;
      if (message === null) held.add(writer);
      else this.#push(writer, number, message);
    }
  }

  #last(writer: string): number {
    return this.#seen.get(writer) ?? 0;
  }

  #push(writer: string, number: number, message: string): SeenEvent {
    this.#seen.set(writer, number);
    const position = new Map(this.#seen);
    const event = { id: this.#format(position), writer, number, position, message };
    this.#events.push(event);
    const [oldest] = this.#events;
    if (oldest && this.#events.length > MAX_EVENTS) {
      this.#events.shift();
      this.#forgotten.set(oldest.writer, oldest.number);
    }
    return event;
  }

  /** Begins with what names the stream, as positions come from clients. */
  #format(position: Position): string {
    const parts = [...position].sort(([one], [other]) => (one < other ? -1 : 1));
    return `${this.#tag}:${parts.map(([writer, number]) => `${writer}.${number}`).join(',')}`;
  }

  #parse(id: string): Position | undefined {
    const [tag, parts = ''] = id.split(':');
    if (tag !== this.#tag || id.length > 2_048) return undefined;
    if (!/^[0-9a-f]{12}\.\d{1,9}(,[0-9a-f]{12}\.\d{1,9})*$/.test(parts)) return undefined;
    return new Map(parts.split(',').map((part) => [part.slice(0, 12), Number(part.slice(13))]));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }
}

function newWriter(): string {
  return randomBytes(6).toString('hex');
}

function digits(number: number): string {
  return String(number).padStart(9, '0');
}

function merge(into: Map<string, number>, other: Position): Map<string, number> {
  for (const [writer, number] of other) into.set(writer, Math.max(number, into.get(writer) ?? 0));
  return into;
}
