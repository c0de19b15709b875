import { EventsLostError } from '../events-lost.error.js';
import type { EventId, StreamEvent } from '../stream-event.js';
import { formatEventId, type EventPosition } from './event-position.js';
import type { RedisConnections } from './redis-connections.js';
import { readEvents } from './scripts/read-events.script.js';
import { decodeValue } from './stored-json.js';

/** Events that are read at once. */
const CHUNK = 128;

/** What follows a position on a stream, as far as it was read. */
export interface LogChunk {
  readonly events: readonly (StreamEvent & { readonly sequence: number })[];
  /** Whether these were all. */
  readonly isAll: boolean;
}

/**
 * Reads what follows an event of a session.
 *
 * @returns `undefined` if the session is gone
 * @throws EventsLostError if the event is none of the session, or what follows it was dropped
 */
export async function readLog(
  connections: RedisConnections,
  id: string,
  { generation, sequence, streamId }: EventPosition,
): Promise<LogChunk | undefined> {
  const { keys } = connections;
  const [current, last, ...entries] = await connections.run((client) =>
    readEvents.run(
      client,
      [keys.session(id), keys.streams(id), keys.log(id, streamId)],
      [generation, sequence, streamId, CHUNK],
    ),
  );
  if (typeof current !== 'string') return undefined;
  const isOfSession = current === generation && typeof last === 'string' && Number(last) >= sequence;
  if (!isOfSession) throw lost(generation, sequence, streamId);
  const events = [...readEntries(entries, sequence, generation, streamId)];
  const end = events.at(-1)?.sequence ?? sequence;
  if (events.length < CHUNK && end < Number(last)) throw lost(generation, end, streamId);
  return { events, isAll: end >= Number(last) };
}

/** Each entry names the one before it, which tells a gap. */
function* readEntries(entries: readonly string[], after: number, generation: string, streamId: string) {
  let end = after;
  for (let n = 0; n + 2 < entries.length; n += 3) {
    const [sequence, previous, stored] = entries.slice(n, n + 3) as [string, string, string];
    if (Number(previous) !== end) throw lost(generation, end, streamId);
    end = Number(sequence);
    const eventId: EventId = formatEventId(generation, end, streamId);
    yield { id: eventId, sequence: end, message: decodeValue(stored) };
  }
}

function lost(generation: string, sequence: number, streamId: string): EventsLostError {
  return new EventsLostError(`What follows ${formatEventId(generation, sequence, streamId)} is not there`);
}
