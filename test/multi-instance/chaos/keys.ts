import { Redis } from 'ioredis';

/** Milliseconds a key may live, by what follows the prefix; the first pattern that fits counts. */
export type Lifetimes = readonly (readonly [pattern: RegExp, ms: number])[];

const KEYS_AT_ONCE = 500;

/** Looks at all keys of a Redis. What is no key of the library has no business there. */
export class Keys {
  readonly #redis: Redis;

  constructor(
    url: string,
    private readonly prefix: string,
    private readonly lifetimes: Lifetimes,
  ) {
    this.#redis = new Redis(url, { maxRetriesPerRequest: null, connectionName: 'chaos' });
    // It comes back by itself.
    this.#redis.on('error', () => {});
  }

  /** What is wrong with the keys that are there: no time to live, or too much of it. */
  async problems(): Promise<string[]> {
    const problems: string[] = [];
    for (const [key, ttlMs] of await this.read()) {
      const limit = this.#limitOf(key);
      if (ttlMs === -1) problems.push(`key without a time to live: ${key}`);
      else if (limit === undefined) problems.push(`key nobody knows: ${key}`);
      else if (ttlMs > limit) problems.push(`key that lives too long: ${key}, for ${ttlMs} ms of ${limit}`);
    }
    return problems;
  }

  /** All keys and the milliseconds they still have. */
  async read(): Promise<Map<string, number>> {
    const keys = new Map<string, number>();
    for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
      const [next, found] = await this.#redis.scan(cursor, 'COUNT', KEYS_AT_ONCE);
      cursor = next;
      const ttls = await Promise.all(found.map((key) => this.#redis.pttl(key)));
      // One that was gone meanwhile has -2.
      found.forEach((key, index) => {
        if (ttls[index] !== -2) keys.set(key, ttls[index] as number);
      });
    }
    return keys;
  }

  /** Channels that somebody listens to. */
  async channels(): Promise<string[]> {
    return (await this.#redis.pubsub('CHANNELS')) as string[];
  }

  close(): void {
    this.#redis.disconnect();
  }

  #limitOf(key: string): number | undefined {
    if (!key.startsWith(`${this.prefix}:`)) return undefined;
    const rest = key.slice(this.prefix.length + 1);
    return this.lifetimes.find(([pattern]) => pattern.test(rest))?.[1];
  }
}
