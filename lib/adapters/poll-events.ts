import { setTimeout as delay } from 'node:timers/promises';
import { EventsLostError } from './events-lost.error.js';
import type { EventId, StreamEvent } from './stream-event.js';

/** Between two looks at the log: short after something came, longer while nothing does. */
const POLL_MS = { first: 20, last: 250 };

/** The part of an adapter that following takes. */
interface Replayable {
  has(id: string): Promise<boolean>;
  replay(
    id: string,
    lastEventId: EventId,
    write: (eventId: EventId, message: unknown) => Promise<void> | void,
  ): Promise<boolean | void>;
}

/** Follows a stream with nothing but `replay` and `has`. */
export async function* pollEvents(
  adapter: Replayable,
  id: string,
  afterEventId: EventId,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  let last = afterEventId;
  let pauseMs = POLL_MS.first;
  while (!signal.aborted) {
    const events: StreamEvent[] = [];
    const isComplete = await adapter.replay(id, last, (eventId, message) => {
      events.push({ id: eventId, message });
    });
    if (isComplete === false) {
      if (!(await adapter.has(id))) return;
      throw new EventsLostError(`The log of session stream no longer holds what follows ${last}`);
    }
    for (const event of events) {
      if (signal.aborted) return;
      last = event.id;
      yield event;
    }
    pauseMs = events.length > 0 ? POLL_MS.first : Math.min(pauseMs * 2, POLL_MS.last);
    if (events.length === 0 && !(await adapter.has(id))) return;
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
