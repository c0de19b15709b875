import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';
import type { Store, StoreFields, StoreKey } from '../store.js';

/** Attempts to change a record that others change too, and the longest pause between two. */
const MAX_ATTEMPTS = 64;
const MAX_PAUSE_MS = 64;

/**
 * Counts what an owner has in a store: one record of names and when each is over. Clocks of instances may differ, so an
 * entry may be counted a little longer or shorter than what it stands for is kept.
 */
export class Quota {
  constructor(private readonly store: Store) {}

  /**
   * Enters a name for some time, or enters it anew. Exact, also across instances.
   *
   * @returns `false` if the owner has `max` others
   * @throws AdapterUnavailableError when the store is away, or the record is fought over for too long.
   */
  async enter(key: StoreKey, name: string, ttlMs: number, max: number): Promise<boolean> {
    const isEntered = await retryOnConflict(async () => {
      const record = await this.store.read(key);
      const now = Date.now();
      const others = Object.entries(record?.fields ?? {}).filter(
        ([other, until]) => other !== name && Number(until) > now,
      );
      if (others.length >= max) return false;
      const entries: StoreFields = { ...Object.fromEntries(others), [name]: String(now + ttlMs) };
      const keptMs = Math.max(...Object.values(entries).map((until) => Number(until) - now));
      const version = await this.store.write(key, entries, {
        ttlMs: keptMs,
        ifVersion: record?.version ?? null,
      });
      return version === undefined ? undefined : true;
    });
    if (isEntered === undefined) throw new AdapterUnavailableError('A record of the store is fought over');
    return isEntered;
  }

  async leave(key: StoreKey, name: string): Promise<void> {
    await this.store.assign(key, { [name]: null });
  }
}

/** Repeats an attempt that is `undefined` where another writer came first. @returns `undefined` if it always was */
export async function retryOnConflict<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let n = 0; n < MAX_ATTEMPTS; n++) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
    // A random pause, so that writers of several instances do not keep step.
    await delay(Math.random() * Math.min(2 ** n, MAX_PAUSE_MS), undefined, { ref: false });
  }
  return undefined;
}
