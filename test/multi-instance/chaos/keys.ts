import type { StoreServer } from '../../support/stores.js';

/** Milliseconds a key may live; the first pattern that fits counts. */
export type Lifetimes = readonly (readonly [pattern: RegExp, ms: number])[];

/** How far the clocks of a store and an instance may seem apart. */
const SKEW_MS = 100;

/** Looks at all keys of a store. What is no key of the library has no business there. */
export class Keys {
  constructor(
    private readonly store: StoreServer,
    private readonly lifetimes: Lifetimes,
  ) {}

  /** Finds keys with no time to live, or too much of it. */
  async problems(): Promise<string[]> {
    const problems: string[] = [];
    for (const [key, ttlMs] of await this.read()) {
      const limit = this.lifetimes.find(([pattern]) => pattern.test(key))?.[1];
      if (ttlMs === -1) problems.push(`key without a time to live: ${key}`);
      else if (limit === undefined) problems.push(`key nobody knows: ${key}`);
      else if (ttlMs > limit + SKEW_MS)
        problems.push(`key that lives too long: ${key}, for ${ttlMs} ms of ${limit}`);
    }
    return problems;
  }

  /** All keys and the milliseconds they still have. Rejects while the store is away. */
  read(): Promise<Map<string, number>> {
    return this.store.keys();
  }

  /** Keys that somebody listens to. */
  listenedTo(): Promise<readonly string[]> {
    return this.store.listenedTo();
  }
}
