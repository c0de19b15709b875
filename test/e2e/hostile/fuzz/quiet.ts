import type { Fuzzed } from './fixture.js';

/** Far more than anything takes that is not lost. */
const PATIENCE_MS = 20_000;

/** Rejects, saying what was waited for, if it does not come. */
export async function within<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${PATIENCE_MS} ms for ${what()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Objects that a server holds, but for calls that wait for clients which never come back. */
function held({ transport, sessions }: Fuzzed): Record<string, number> {
  return { ...transport.stats(), parkedCalls: 0, pendingQuestions: 0, kept: sessions.kept.size };
}

/** True if nothing is held. */
export function isQuiet(server: Fuzzed): boolean {
  return Object.values(held(server)).every((count) => count === 0);
}

/** Resolves when nothing is left of what clients did; rejects if something stays. */
export async function assertQuiet(server: Fuzzed): Promise<void> {
  await until(
    () => isQuiet(server),
    () => `nothing to be left: ${JSON.stringify(held(server))}`,
  );
}

/** Waits for a state that is not announced. */
export async function until(condition: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (let round = 0; !condition(); round++) {
    if (Date.now() > end) throw new Error(`Waited ${PATIENCE_MS} ms for ${what()}`);
    await new Promise((resolve) => (round < 100 ? setImmediate(resolve) : setTimeout(resolve, 5)));
  }
}
