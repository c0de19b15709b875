import { createHash, randomUUID } from 'node:crypto';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';

/** Separates the adapter's id of an event from the stream, where the adapter's own says nothing of it. */
const SEPARATOR = '@';

/** Comes after the id of an event that ended its stream. */
const LAST = '!';

/** What an id that a client has seen stands for. */
export interface SeenEvent {
  readonly eventId: EventId;
  readonly streamId: string;
  /** Whether nothing can follow. */
  readonly isLast: boolean;
}

/** The one stream of a session that belongs to no request. */
export function standaloneStream(sessionId: string): string {
  return nameStream(sessionId, '');
}

/** A stream for the answer to a request. */
export function newStream(sessionId: string): string {
  // 60 random bits: it has to be unique in its session only.
  return nameStream(sessionId, randomUUID().slice(0, 18));
}

/** The id of an event as its client sees it: it says which stream it belongs to, whatever the adapter's ids are like. */
export function toWireId(
  adapter: SessionAdapter,
  eventId: EventId,
  streamId: string,
  isLast = false,
): string {
  const isClear = adapter.streamIdOf(eventId) === streamId && !eventId.endsWith(LAST);
  return (isClear ? eventId : `${eventId}${SEPARATOR}${streamId}`) + (isLast ? LAST : '');
}

/** The event and stream that an id names, or `undefined` for one that no stream of this session has given out. */
export function readWireId(
  adapter: SessionAdapter,
  wireId: string,
  sessionId: string,
): SeenEvent | undefined {
  const isLast = wireId.endsWith(LAST);
  const id = isLast ? wireId.slice(0, -LAST.length) : wireId;
  const separator = id.lastIndexOf(SEPARATOR);
  const appended = id.slice(separator + 1);
  if (separator >= 0 && isStreamOf(sessionId, appended)) {
    return { eventId: id.slice(0, separator), streamId: appended, isLast };
  }
  const streamId = adapter.streamIdOf(id);
  if (streamId === undefined || !isStreamOf(sessionId, streamId)) return undefined;
  return { eventId: id, streamId, isLast };
}

const DIGEST_LENGTH = 16;

/** A name tells the session it belongs to, so that even a store which mixes sessions up replays nothing of another. */
function nameStream(sessionId: string, salt: string): string {
  const digest = createHash('sha256').update(`${salt} ${sessionId}`).digest('base64url');
  return salt + digest.slice(0, DIGEST_LENGTH);
}

function isStreamOf(sessionId: string, streamId: string): boolean {
  return streamId === nameStream(sessionId, streamId.slice(0, -DIGEST_LENGTH));
}
