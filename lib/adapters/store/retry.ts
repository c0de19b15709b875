import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';

/** Between two attempts while the store is away. */
const PAUSE_MS = { first: 50, last: 1_000 };

/** Repeats work while the store is away, until it succeeds, fails otherwise, or is aborted: then `undefined`. */
export async function retryWhileUnavailable<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (let pauseMs = PAUSE_MS.first; !signal.aborted; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError)) throw error;
      await pause(pauseMs, signal);
    }
  }
  return undefined;
}

/** Waits without keeping the process alive, shorter if it is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
}
