import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapter-unavailable.error.js';

/** Between two attempts while the store is away. */
const PAUSE_MS = { first: 50, last: 1_000 };

/** Milliseconds that an application which starts waits for a store that is away. */
export const START_TIMEOUT_MS = 30_000;

/** End of the attempts of `retryWhileUnavailable`. */
export interface RetryOptions {
  /** Asked after each attempt in vain, and again before the next one. @default always */
  readonly isWanted?: () => boolean;
  /** Ends a pause and the attempts. */
  readonly signal?: AbortSignal;
}

/**
 * Repeats work while the store is away, until it succeeds, fails otherwise, or is not wanted any more: then it rejects with the
 * failure of the last attempt.
 */
export async function retryWhileUnavailable<T>(
  work: (isRepeat: boolean) => T | Promise<T>,
  { isWanted = () => true, signal }: RetryOptions,
): Promise<T> {
  const isOver = () => signal?.aborted === true || !isWanted();
  for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.last)) {
    try {
      return await work(pauseMs > PAUSE_MS.first);
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError) || isOver()) throw error;
      await pause(pauseMs, signal);
      if (isOver()) throw error;
    }
  }
}

/**
 * Does what an application needs to start, again while the store is away, and keeps the process alive meanwhile: nothing else
 * may do that yet. What has been done already must do no harm when it is repeated.
 */
export async function startWhileUnavailable(work: () => Promise<void>, ms = START_TIMEOUT_MS): Promise<void> {
  const until = performance.now() + ms;
  let keepAlive: NodeJS.Timeout | undefined;
  const isWanted = () => {
    keepAlive ??= setInterval(() => {}, ms);
    return performance.now() < until;
  };
  try {
    await retryWhileUnavailable(work, { isWanted });
  } finally {
    clearInterval(keepAlive);
  }
}

/** Waits without keeping the process alive, shorter if it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { ...(signal && { signal }), ref: false }).catch(() => {});
}
