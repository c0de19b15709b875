import type { Era } from '../protocol/era.js';
import type { CacheHint } from '../protocol/types/caching.js';
import type { McpImplementation } from '../protocol/types/implementation.js';
import type { Entry } from '../registry/entries.js';
import type { EntrySet } from '../registry/entry-set.js';
import type { ListCursor } from './list-cursor.js';
import type { Call } from '../calls/call.js';
import type { Visibility } from './visibility.js';

/** One list of primitives: what it is called, what it holds and how it is cut into pages. */
export interface ListDescription<E extends Entry> {
  /** The member of the result that holds the entries. */
  readonly name: string;
  readonly entries: EntrySet<E>;
  readonly visibility: Visibility<E>;
  /** An entry as the era may list it. */
  readonly describe: (entry: E, era: Era) => object;
  readonly cursor: ListCursor;
  /** Most entries of a page. */
  readonly pageSize: number;
  readonly cacheHint: CacheHint | undefined;
  /** True if every caller had to authenticate, so that no list is public. */
  readonly isProtected: boolean;
  readonly serverInfo: McpImplementation;
}

/** Entries of a page, and where the next one goes on. */
interface Page<E> {
  readonly entries: readonly E[];
  readonly next: string | undefined;
}

/**
 * Answers the requests for a list as JSON text. Every entry is serialised once, and so is every page that is the same
 * for all callers; a page of one caller's own is put together from the entries' texts.
 */
export class ListPages<E extends Entry> {
  readonly #entryTexts = new Map<Era, WeakMap<E, string>>();
  readonly #pageTexts = new Map<Era, Map<number, string>>();
  #version = -1;

  constructor(private readonly list: ListDescription<E>) {}

  get(call: Call): string | Promise<string> {
    const { entries, visibility } = this.list;
    const sorted = entries.sorted();
    const start = this.#startOf(call.request.params?.['cursor'], sorted);
    return visibility.isPrivate
      ? this.#ownPage(sorted, start, call)
      : this.#sharedPage(sorted, start, call.era);
  }

  #startOf(cursor: unknown, sorted: readonly E[]): number {
    if (cursor === undefined) return 0;
    return firstAfter(sorted, this.list.cursor.read(cursor));
  }

  #sharedPage(sorted: readonly E[], start: number, era: Era): string {
    if (this.#version !== this.list.entries.version) {
      this.#pageTexts.clear();
      this.#version = this.list.entries.version;
    }
    const pages = getOrMake(this.#pageTexts, era, () => new Map<number, string>());
    const scope = this.list.isProtected ? 'private' : 'public';
    return getOrMake(pages, start, () => this.#toJson(this.#cut(sorted.slice(start)), era, scope));
  }

  async #ownPage(sorted: readonly E[], start: number, call: Call): Promise<string> {
    const { pageSize, visibility } = this.list;
    const step = visibility.isResolved ? Infinity : pageSize + 1;
    const visible: E[] = [];
    for (let at = start; at < sorted.length && visible.length <= pageSize; at += step) {
      visible.push(...(await visibility.listed(sorted.slice(at, at + step), call)));
    }
    return this.#toJson(this.#cut(visible), call.era, 'private');
  }

  #cut(entries: readonly E[]): Page<E> {
    const { pageSize, cursor } = this.list;
    if (entries.length <= pageSize) return { entries, next: undefined };
    const page = entries.slice(0, pageSize);
    return { entries: page, next: cursor.after((page.at(-1) as E).key) };
  }

  #toJson({ entries, next }: Page<E>, era: Era, scope: 'public' | 'private'): string {
    const { name, cacheHint, serverInfo } = this.list;
    const hint = { ttlMs: 0, cacheScope: 'public', ...cacheHint } as const;
    const cache = scope === 'private' ? { ...hint, cacheScope: scope } : hint;
    const empty = { [name]: [], ...(next !== undefined && { nextCursor: next }) };
    const texts = entries.map((entry) => this.#entryText(entry, era));
    return JSON.stringify(era.complete(empty, serverInfo, cache)).replace(
      `"${name}":[]`,
      () => `"${name}":[${texts.join(',')}]`,
    );
  }

  #entryText(entry: E, era: Era): string {
    const texts = getOrMake(this.#entryTexts, era, () => new WeakMap<E, string>());
    return getOrMake(texts, entry, () => JSON.stringify(this.list.describe(entry, era)));
  }
}

function firstAfter(sorted: readonly Entry[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Entry).key <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Methods that `Map` and `WeakMap` have in common. */
interface Cache<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

function getOrMake<K, V>(cache: Cache<K, V>, key: K, make: () => V): V {
  const kept = cache.get(key);
  if (kept !== undefined) return kept;
  const made = make();
  cache.set(key, made);
  return made;
}
