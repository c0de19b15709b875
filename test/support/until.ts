import { setTimeout as delay } from 'node:timers/promises';

/** Looks until the condition holds. Rejects after `ms`, beyond what a busy machine needs. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 40_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(5);
  }
}
