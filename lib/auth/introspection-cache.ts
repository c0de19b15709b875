import { createHash } from 'node:crypto';
import type { Principal } from '../registry/principal.js';

interface Kept {
  readonly until: number;
  readonly verdict: Promise<Principal | undefined>;
}

/** Verdicts on tokens, for a while and up to a number; who asks meanwhile waits for the same verdict. Keeps no token. */
export class IntrospectionCache {
  readonly #kept = new Map<string, Kept>();

  constructor(
    private readonly maxAgeMs: number,
    private readonly maxEntries: number,
  ) {}

  get(
    token: string,
    context: string,
    find: () => Promise<Principal | undefined>,
  ): Promise<Principal | undefined> {
    const key = keyOf(token, context);
    const known = this.#kept.get(key);
    if (known && known.until > Date.now()) return known.verdict;
    const verdict = find();
    this.#keep(key, { until: Date.now() + this.maxAgeMs, verdict });
    verdict.catch(() => this.#forget(key, verdict));
    return verdict;
  }

  /** End of the validity of the verdict on a token; `undefined` where there is none. */
  until(token: string, context: string): number | undefined {
    return this.#kept.get(keyOf(token, context))?.until;
  }

  #keep(key: string, entry: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    const oldest = this.#kept.size > this.maxEntries ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Drops the entry of a lookup that failed: a failure is no verdict. */
  #forget(key: string, verdict: Kept['verdict']): void {
    if (this.#kept.get(key)?.verdict === verdict) this.#kept.delete(key);
  }
}

function keyOf(token: string, context: string): string {
  return createHash('sha256').update(`${context}\0${token}`).digest('base64');
}
