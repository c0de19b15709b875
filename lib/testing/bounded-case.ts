import { AssertionError } from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { contractCase, type ContractCase, type ContractSubject } from './contract.js';

/** Whatever an implementation does, a case is over after this time. */
const CASE_MS = 8_000;

/** How long an implementation may take until something that was promised has happened. */
const CONDITION_MS = 2_000;

/** Defines a case that ends by itself. `over` is aborted when it ends, whatever the outcome. */
export function boundedCase<A>(
  name: string,
  body: (subject: ContractSubject<A>, over: AbortSignal) => Promise<void>,
): ContractCase<A> {
  return contractCase<A>(name, async (subject) => {
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    try {
      await within(body(subject, over.signal), 'the case to end', CASE_MS);
    } finally {
      over.abort();
    }
  });
}

/** The outcome of `work`, or an assertion error that says what did not happen in time. */
export async function within<T>(work: Promise<T>, what: string, ms: number = CONDITION_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(what, ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again and again until the condition holds. No timer of its own is pending while it looks. */
export async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + CONDITION_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw tooLate(what, CONDITION_MS);
    await delay(5);
  }
}

/** Lets everything happen that is due, and a little more. */
export async function moment(): Promise<void> {
  await delay(50);
}

/** Handles that keep the process alive and that an adapter opens for a single wait: timers and file watchers. */
export function openHandles(): number {
  return activeResources().filter((type) => /^(Timeout|FSEvent|StatWatcher)/.test(type)).length;
}

function activeResources(): string[] {
  try {
    return process.getActiveResourcesInfo();
  } catch {
    // Hosts other than Node have the method, but cannot tell.
    return [];
  }
}

function tooLate(what: string, ms: number): AssertionError {
  return new AssertionError({ message: `Waited ${ms} ms for ${what}`, operator: 'fail' });
}
