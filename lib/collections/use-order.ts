/** Place of an item among those used before and after it. */
export interface UsePlace<T> {
  readonly item: T;
  older: UsePlace<T> | undefined;
  newer: UsePlace<T> | undefined;
}

/**
 * Items by use: the one used longest ago comes first. To use one costs the same however many there are.
 *
 * A Map whose keys are deleted and set again would do, but V8 searches the remains of every earlier deletion of a key until the
 * Map is next copied: with 10,000 sessions, of which few were busy, that was a fifth of a call.
 */
export class UseOrder<T> {
  #oldest: UsePlace<T> | undefined;
  #newest: UsePlace<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The item used last. */
  get newest(): T | undefined {
    return this.#newest?.item;
  }

  /** Adds an item as the one used last. Returns its place, by which it is used and removed. */
  add(item: T): UsePlace<T> {
    const place = { item, older: undefined, newer: undefined };
    this.#size++;
    this.#append(place);
    return place;
  }

  /** Makes the item of a place the one used last. */
  use(place: UsePlace<T>): void {
    if (place === this.#newest) return;
    this.#unlink(place);
    this.#append(place);
  }

  /** Takes the item of a place off. To be called once. */
  remove(place: UsePlace<T>): void {
    this.#unlink(place);
    this.#size--;
  }

  /** Goes from the item used longest ago to the one used last. Nothing may be used or removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#oldest; place; place = place.newer) yield place.item;
  }

  #append(place: UsePlace<T>): void {
    place.older = this.#newest;
    place.newer = undefined;
    if (this.#newest) this.#newest.newer = place;
    else this.#oldest = place;
    this.#newest = place;
  }

  #unlink({ older, newer }: UsePlace<T>): void {
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
  }
}
