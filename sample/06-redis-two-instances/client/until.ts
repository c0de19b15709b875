import { setTimeout as delay } from 'node:timers/promises';

/** Looks until it holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

/** The message of what work is rejected with; what it returns if it is not. */
export async function failureOf(work: Promise<string>): Promise<string> {
  return work.then(
    (result) => `not at all, it returns ${result}`,
    (error: Error) => error.message,
  );
}
