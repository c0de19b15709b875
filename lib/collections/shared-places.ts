/**
 * A limited number of places that callers share. One that comes when all are taken gets a place of the caller that has most,
 * as long as that one would still have no less: a single caller may have all that no other wants, and no more.
 */
export class SharedPlaces<T> {
  readonly #holderOf = new Map<T, string>();
  /** Items that each caller holds, in the order they were taken. */
  readonly #held = new Map<string, Set<T>>();

  /** `onDisplaced` is told of whatever has to go; its place is taken by then. */
  constructor(
    private readonly limit: number,
    private readonly onDisplaced: (item: T) => void,
  ) {}

  get size(): number {
    return this.#holderOf.size;
  }

  items(): IterableIterator<T> {
    return this.#holderOf.keys();
  }

  hasRoom(holder: string): boolean {
    return this.size < this.limit || this.#beyondShare(holder) !== undefined;
  }

  /** `false` if there is no place for that holder. What has one keeps it. */
  take(holder: string, item: T): boolean {
    if (this.#holderOf.has(item)) return true;
    if (this.size >= this.limit) {
      const displaced = this.#beyondShare(holder);
      if (displaced === undefined) return false;
      this.leave(displaced);
      this.#put(holder, item);
      this.onDisplaced(displaced);
    } else this.#put(holder, item);
    return true;
  }

  /** `false` if it had no place. */
  leave(item: T): boolean {
    const holder = this.#holderOf.get(item);
    if (holder === undefined) return false;
    this.#holderOf.delete(item);
    const held = this.#held.get(holder);
    held?.delete(item);
    if (held?.size === 0) this.#held.delete(holder);
    return true;
  }

  #put(holder: string, item: T): void {
    this.#holderOf.set(item, holder);
    const held = this.#held.get(holder) ?? new Set();
    this.#held.set(holder, held.add(item));
  }

  /** Finds the last item of the caller that holds most: it would have been refused, had the others been there before. */
  #beyondShare(holder: string): T | undefined {
    let most: ReadonlySet<T> = this.#held.get(holder) ?? new Set();
    const own = most.size;
    for (const held of this.#held.values()) if (held.size > most.size) most = held;
    return most.size > own + 1 ? [...most].at(-1) : undefined;
  }
}
