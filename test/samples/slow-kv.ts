import type { KvNamespace, KvPutOptions } from '../../sample/13-cloudflare-worker/kv/kv-namespace.js';

interface Write {
  readonly place: string;
  readonly value: string;
  readonly metadata: unknown;
  readonly at: number;
  readonly expiresAt: number;
  /** When it arrives at other places. */
  readonly arrivesAt: number;
}

/** Value that a place has read, which it gives out again for a minute. */
interface Remembered {
  readonly until: number;
  readonly value: unknown;
}

export const MINUTE = 60_000;

/**
 * Workers KV at its worst, on a clock that only the test moves: what is written is there at once where it was written, and
 * anywhere else after a delay that differs from write to write; places remember what they have read, and what was not there,
 * for a minute; a key takes one write a second.
 */
export class SlowKv {
  #now = Date.UTC(2026, 0, 1);
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];
  readonly #writes = new Map<string, Write[]>();
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    /** Milliseconds that a write takes to other places, a minute at most. */
    private readonly delayMs: () => number = () => MINUTE,
    private readonly rememberMs = MINUTE,
    /** Another clock than its own. */
    private readonly clock?: () => number,
  ) {}

  get now(): number {
    return this.clock?.() ?? this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  /** All that has not expired, anywhere. */
  get size(): number {
    return [...this.#writes.values()].flat().filter(({ expiresAt }) => expiresAt > this.now).length;
  }

  /** The namespace as one place sees it. */
  at(place: string): KvNamespace {
    return {
      get: async (key) =>
        this.#remember(`${place} get ${key}`, () => this.#visible(place, key)?.value ?? null),
      put: async (key, value, options) => this.#put(place, key, value, options),
      list: async <M>({ prefix, cursor = '' }: { prefix: string; cursor?: string }) => {
        const all = this.#remember(`${place} list ${prefix}`, () =>
          [...this.#writes.keys()]
            .filter((key) => key.startsWith(prefix) && this.#visible(place, key))
            .sort()
            .map((name) => ({ name, metadata: this.#visible(place, name)?.metadata as M })),
        );
        // Short pages, so that there are several.
        const keys = all.filter(({ name }) => name > cursor).slice(0, 7);
        const last = keys.at(-1)?.name ?? '';
        const isComplete = last === (all.at(-1)?.name ?? '');
        return { keys, list_complete: isComplete, ...(!isComplete && { cursor: last }) };
      },
    };
  }

  #put(place: string, key: string, value: string, { expirationTtl, metadata }: KvPutOptions): void {
    if (Buffer.byteLength(key) > 512) throw new Error('KV PUT failed: 414 the key is too long');
    if (!(expirationTtl >= 60)) throw new Error('KV PUT failed: 400 Invalid expiration_ttl');
    if (JSON.stringify(metadata ?? null).length > 1024)
      throw new Error('KV PUT failed: 413 Metadata too large');
    const earlier = this.#writes.get(key) ?? [];
    if (earlier.some(({ at }) => this.now - at < 1_000))
      throw new Error('KV PUT failed: 429 Too Many Requests');
    const expiresAt = this.now + expirationTtl * 1_000;
    const arrivesAt = this.now + this.delayMs();
    this.#writes.set(key, [...earlier, { place, value, metadata, at: this.now, expiresAt, arrivesAt }]);
    this.written.push(key);
    for (const read of this.#remembered.keys()) {
      const [where, how, what = ''] = read.split(' ');
      if (where === place && (how === 'get' ? what === key : key.startsWith(what)))
        this.#remembered.delete(read);
    }
  }

  #visible(place: string, key: string): Write | undefined {
    const last = this.#writes
      .get(key)
      ?.findLast((write) => write.place === place || write.arrivesAt <= this.now);
    return last && last.expiresAt > this.now ? last : undefined;
  }

  #remember<T>(read: string, work: () => T): T {
    const remembered = this.#remembered.get(read);
    if (remembered && remembered.until > this.now) return remembered.value as T;
    const value = work();
    this.#remembered.set(read, { until: this.now + this.rememberMs, value });
    return value;
  }
}
