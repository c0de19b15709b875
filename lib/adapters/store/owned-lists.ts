import { randomBytes } from 'node:crypto';
import type { Store, StoreFields, StoreKey } from '../store.js';
import type { StoreKeys } from './store-keys.js';

/** Milliseconds a list is kept without renewal: far longer than a lease, as an heir may come late. */
const TTL_MS = 7 * 24 * 60 * 60_000;

/** Entries of a list. A longer one would make each change dearer. */
const MAX_ENTRIES = 128;

/** Begins the names of fields that are entries. */
const ENTRY = 'e-';

/** Name of the owner of a list that was given up. */
const NOBODY = '-';

/** Kinds of lists: of tasks that may be handed over, and of others. */
export type ListKind = 'r' | 'n';

interface OwnedList {
  readonly id: string;
  readonly key: StoreKey;
  readonly kind: ListKind;
  fields: StoreFields;
  version: string;
}

/**
 * Lists of what instances own, with heirs. A list names its owner; an heir writes itself into it by version, so there is one
 * heir. A directory names all lists. Only its owner changes a list, by the version it knows: an instance that was taken for
 * dead finds out with its next change, and begins a new list. A write whose reply was lost may have made a list
 * that names this instance and is unknown to it: it is claimed as those of others are.
 */
export class OwnedLists {
  readonly #own = new Map<string, OwnedList>();
  readonly #listOf = new Map<string, OwnedList>();
  /** One change after the other: each needs the version that the one before has made. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly keys: StoreKeys,
    private readonly instance: string,
    private readonly ttlMs = TTL_MS,
  ) {}

  /** Enters something into a list of this instance. */
  add(entry: string, kind: ListKind): Promise<void> {
    return this.#inTurn(async () => {
      for (const list of this.#own.values()) {
        if (list.kind !== kind || entriesOf(list.fields).length >= MAX_ENTRIES) continue;
        if (await this.#write(list, { ...list.fields, [ENTRY + entry]: '' })) {
          this.#listOf.set(entry, list);
          return;
        }
      }
      await this.#begin(entry, kind);
    });
  }

  /** Checks whether an entry is in a list that this instance owns now. */
  async owns(entry: string): Promise<boolean> {
    const list = this.#listOf.get(entry);
    return list !== undefined && (await this.store.read(list.key))?.fields['owner'] === this.instance;
  }

  /** Removes an entry, and with the last one its list. */
  remove(entry: string): Promise<void> {
    return this.#inTurn(async () => {
      const list = this.#listOf.get(entry);
      if (!list) return;
      const { [ENTRY + entry]: _, ...rest } = list.fields;
      if (entriesOf(rest).length > 0) {
        await this.#write(list, rest);
        this.#listOf.delete(entry);
        return;
      }
      const isRemoved = (await this.store.remove(list.key, { ifVersion: list.version })) !== undefined;
      this.#forget(list);
      // One that has changed, by a write whose reply was lost, is still there and to be claimed.
      if (isRemoved) await this.store.assign(this.keys.taskLists(), { [list.id]: null });
    });
  }

  /** Gives up the lists of a kind: any instance may claim them. */
  giveUp(kind: ListKind): Promise<void> {
    return this.#inTurn(async () => {
      for (const list of [...this.#own.values()].filter((each) => each.kind === kind)) {
        await this.#write(list, { ...list.fields, owner: NOBODY });
        this.#forget(list);
        await this.#announce(list.id, NOBODY);
      }
    });
  }

  /** Takes one list of an owner that is gone, or of this instance that it does not know of. @returns its entries */
  claim(isGone: (instance: string) => Promise<boolean>): Promise<readonly string[] | undefined> {
    return this.#inTurn(async () => {
      const directory = await this.store.touch(this.keys.taskLists(), this.ttlMs);
      const candidates = successors(directory?.fields ?? {}, this.instance);
      for (const [owner, ids] of candidates) {
        const isOpen = owner === NOBODY || owner === this.instance;
        if (!isOpen && !(await isGone(owner))) continue;
        for (const id of ids) {
          if (this.#own.has(id)) continue;
          const entries = await this.#take(id, owner, isGone);
          if (entries) return entries;
        }
      }
      return undefined;
    });
  }

  /** Keeps lists of this instance from expiring, and the directory from forgetting them. */
  renew(): Promise<void> {
    return this.#inTurn(async () => {
      for (const list of this.#own.values()) {
        await this.store.touch(list.key, this.ttlMs, { only: [] });
        await this.#announce(list.id, this.instance);
      }
    });
  }

  async #take(
    id: string,
    listedOwner: string,
    isGone: (instance: string) => Promise<boolean>,
  ): Promise<readonly string[] | undefined> {
    const key = this.keys.taskList(id);
    const record = await this.store.read(key);
    if (!record) {
      await this.store.assign(this.keys.taskLists(), { [id]: null });
      return undefined;
    }
    const owner = record.fields['owner'] as string;
    // Another heir was here, and may have died before it could say so.
    const isOpen = owner === listedOwner || owner === NOBODY || owner === this.instance;
    if (!isOpen && !(await isGone(owner))) {
      await this.#announce(id, owner);
      return undefined;
    }
    const fields = { ...record.fields, owner: this.instance };
    const options = { ttlMs: this.ttlMs, ifVersion: record.version };
    const version = await this.store.write(key, fields, options);
    if (version === undefined) return undefined;
    const list = { id, key, kind: record.fields['kind'] as ListKind, fields, version };
    await this.#announce(id, this.instance);
    // Known from here on: if the announcement failed the list is claimed again.
    this.#own.set(id, list);
    const entries = entriesOf(fields);
    for (const entry of entries) this.#listOf.set(entry, list);
    return entries;
  }

  /** In the directory first: a list that is there without it would have no heir. */
  async #begin(entry: string, kind: ListKind): Promise<void> {
    const id = randomBytes(9).toString('base64url');
    await this.#announce(id, this.instance);
    const key = this.keys.taskList(id);
    const fields = { owner: this.instance, kind, [ENTRY + entry]: '' };
    const version = await this.store.write(key, fields, { ttlMs: this.ttlMs });
    const list = { id, key, kind, fields, version: version as string };
    this.#own.set(id, list);
    this.#listOf.set(entry, list);
  }

  async #announce(id: string, owner: string): Promise<void> {
    const key = this.keys.taskLists();
    for (;;) {
      if ((await this.store.assign(key, { [id]: owner })) !== undefined) return;
      await this.store.write(key, {}, { ttlMs: this.ttlMs, ifVersion: null });
    }
  }

  /** @returns whether the list is still of this instance */
  async #write(list: OwnedList, fields: StoreFields): Promise<boolean> {
    const version = await this.store.write(list.key, fields, {
      ttlMs: this.ttlMs,
      ifVersion: list.version,
    });
    if (version !== undefined) {
      Object.assign(list, { fields, version });
      return true;
    }
    // A repeated attempt of this instance, whose first reply was lost, is no other owner.
    const record = await this.store.read(list.key);
    if (record?.fields['owner'] === this.instance) {
      list.version = record.version;
      return this.#write(list, fields);
    }
    this.#forget(list);
    return false;
  }

  #forget(list: OwnedList): void {
    this.#own.delete(list.id);
    for (const entry of entriesOf(list.fields)) this.#listOf.delete(entry);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

function entriesOf(fields: StoreFields): readonly string[] {
  return Object.keys(fields)
    .filter((name) => name.startsWith(ENTRY))
    .map((name) => name.slice(ENTRY.length));
}

/**
 * Lists without an owner, of this instance, and of the owner next in order: each instance is watched by one other, and by all
 * that own nothing.
 */
function successors(
  directory: StoreFields,
  instance: string,
): readonly (readonly [owner: string, ids: readonly string[]])[] {
  const byOwner = new Map<string, string[]>();
  for (const [id, owner] of Object.entries(directory)) {
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), id]);
  }
  const others = [...byOwner.keys()].filter((owner) => owner !== instance && owner !== NOBODY).sort();
  const next = others.find((owner) => owner > instance) ?? others[0];
  return [NOBODY, instance, ...(next === undefined ? [] : [next])].flatMap((owner) => {
    const ids = byOwner.get(owner);
    return ids ? [[owner, ids] as const] : [];
  });
}
