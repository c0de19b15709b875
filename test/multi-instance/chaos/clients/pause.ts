import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../plan/random.js';

/** Waits a little, not after `signal` is aborted. */
export async function pause(
  random: Random,
  leastMs: number,
  mostMs: number,
  signal?: AbortSignal,
): Promise<void> {
  await delay(random.between(leastMs, mostMs), undefined, { ...(signal && { signal }) }).catch(() => {});
}
