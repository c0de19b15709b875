import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';

/** Between two attempts to reach a store that is away. */
const STORE_PAUSE_MS = 500;

/** Tries again while the store is away, as long as `isWanted`, which is asked after each attempt in vain and before the next. */
export async function outlast<T>(
  work: (isRepeat: boolean) => T | Promise<T>,
  isWanted: () => boolean,
): Promise<T> {
  for (let isRepeat = false; ; isRepeat = true) {
    try {
      return await work(isRepeat);
    } catch (error) {
      if (!(error instanceof AdapterUnavailableError) || !isWanted()) throw error;
      await delay(STORE_PAUSE_MS, undefined, { ref: false });
      if (!isWanted()) throw error;
    }
  }
}

/** Appends to the log of a stream, once, although the store may be away for a while. */
export function appendLasting(
  adapter: SessionAdapter,
  [sessionId, streamId, record]: readonly [sessionId: string, streamId: string, record: string],
  isWanted: () => boolean,
): Promise<EventId | undefined> {
  const name = randomBytes(9).toString('base64url');
  return outlast(
    (isRepeat) => adapter.appendEvent(sessionId, streamId, record, { name, isRepeat }),
    isWanted,
  );
}
