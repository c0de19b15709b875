import type { Entry } from './entries.js';

/** The primitives of one kind. Only stores and answers; validation and announcing happen elsewhere. */
export class EntrySet<E extends Entry> {
  readonly #entries = new Map<string, E>();
  #sorted: readonly E[] | undefined;
  #version = 0;
  #restricted = 0;
  #public = 0;
  #scoped = 0;

  /** `normal` gives the form by which keys are compared. */
  constructor(private readonly normal: (key: string) => string = (key) => key) {}

  /** Rises with every change, so that whatever was made from the entries can tell it is stale. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** True if at least one entry is not visible to every caller. */
  get isRestricted(): boolean {
    return this.#restricted > 0;
  }

  /** True if at least one entry needs no token. */
  get hasPublic(): boolean {
    return this.#public > 0;
  }

  /** True if at least one entry needs a token. */
  get hasProtected(): boolean {
    return this.#public < this.size;
  }

  /** True if at least one entry needs scopes. */
  get hasScoped(): boolean {
    return this.#scoped > 0;
  }

  get(key: string): E | undefined {
    return this.#entries.get(this.normal(key));
  }

  /** By key in code unit order: the same on every instance, whatever the order of registration was. */
  sorted(): readonly E[] {
    return (this.#sorted ??= [...this.#entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /** Adds an entry; `false` when the key is taken. */
  add(entry: E): boolean {
    if (this.get(entry.key)) return false;
    this.put(entry);
    return true;
  }

  /** Adds an entry in place of the one with its key, if there is one. */
  put(entry: E): void {
    this.#count(this.get(entry.key), -1);
    this.#entries.set(this.normal(entry.key), entry);
    this.#count(entry, 1);
    this.#changed();
  }

  /** Removes an entry; `false` when there is none. */
  remove(key: string): boolean {
    this.#count(this.get(key), -1);
    if (!this.#entries.delete(this.normal(key))) return false;
    this.#changed();
    return true;
  }

  #count(entry: E | undefined, by: number): void {
    if (entry?.visible) this.#restricted += by;
    if (entry?.access.isPublic) this.#public += by;
    if (entry && entry.access.scopes.length > 0) this.#scoped += by;
  }

  #changed(): void {
    this.#version++;
    this.#sorted = undefined;
  }
}
