import { EventsLostError } from '../events-lost.error.js';
import type { LogEntry, LogPosition, Store, StoreKey } from '../store.js';
import { LiveTail } from './live-tail.js';
import { CHUNK, isComplete } from './log-chain.js';
import { retryWhileUnavailable } from './retry.js';

/**
 * The entries of a tag after a position, each once and in order, until the signal is aborted or the record is gone. Reads
 * the log, waits for a bell or the backstop, reads again; while the store is away it waits.
 *
 * @throws EventsLostError when entries were dropped or lost before they could be given.
 */
export async function* followLog(
  store: Store,
  key: StoreKey,
  tag: string,
  after: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  if (signal.aborted) return;
  const tail = new LiveTail(tag);
  let stop: (() => void) | undefined;
  let backstop: NodeJS.Timeout | undefined;
  let last = after;
  try {
    stop = await retryWhileUnavailable(() => store.listen(key, (bell) => tail.offer(bell)), { signal });
    backstop = setInterval(() => tail.miss(), store.backstopMs).unref();
    while (!signal.aborted) {
      const live = tail.take(last);
      if (live) {
        last = live.position;
        tail.give(last);
        yield live;
        continue;
      }
      if (!tail.beginReading()) {
        await tail.wait(signal);
        continue;
      }
      const slice = await retryWhileUnavailable(() => store.entries(key, tag, last, CHUNK), { signal });
      if (!slice) return;
      if (!isComplete(slice, last)) throw new EventsLostError(`The log no longer holds what follows ${last}`);
      if (!slice.isAll) tail.miss();
      for (const entry of slice.entries) {
        if (signal.aborted) return;
        last = entry.position;
        tail.give(last);
        yield entry;
      }
    }
  } catch (error) {
    // A reader that has left is owed nothing.
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(backstop);
    stop?.();
  }
}
