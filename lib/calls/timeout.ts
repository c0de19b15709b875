import type { Cancellation } from './cancellation.js';

/** A handler took longer than its `timeoutMs`. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/** Runs `work`; after `timeoutMs` cancels it and rejects at once, whether or not `work` heeds the signal. */
export function runWithTimeout<T>(
  timeoutMs: number | undefined,
  cancellation: Cancellation,
  work: () => Promise<T>,
): Promise<T> {
  return timeoutMs === undefined ? work() : raceAgainst(timeoutMs, cancellation, work);
}

async function raceAgainst<T>(
  timeoutMs: number,
  cancellation: Cancellation,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TimeoutError(`timed out after ${timeoutMs} ms`);
      // First, so that what the handler makes of its aborted signal comes second.
      reject(error);
      cancellation.cancel(error.message);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(), expiry]);
  } finally {
    clearTimeout(timer);
  }
}
