import { createHash, randomBytes } from 'node:crypto';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';

/** Separates the adapter's id of an event from the stream, where the adapter's own says nothing of it. */
const SEPARATOR = '@';

/** The one stream of a session that belongs to no request. */
export function standaloneStream(sessionId: string): string {
  return nameStream(sessionId, '');
}

/** A stream for the answer to a request. */
export function newStream(sessionId: string): string {
  return nameStream(sessionId, randomBytes(12).toString('base64url'));
}

/** The id of an event as its client sees it: it says which stream it belongs to, whatever the adapter's ids are like. */
export function toWireId(adapter: SessionAdapter, eventId: EventId, streamId: string): string {
  return adapter.streamIdOf(eventId) === streamId ? eventId : `${eventId}${SEPARATOR}${streamId}`;
}

/** The event and stream that an id names, or `undefined` for one that no stream of this session has given out. */
export function readWireId(
  adapter: SessionAdapter,
  wireId: string,
  sessionId: string,
): { readonly eventId: EventId; readonly streamId: string } | undefined {
  const separator = wireId.lastIndexOf(SEPARATOR);
  const appended = wireId.slice(separator + 1);
  if (separator >= 0 && isStreamOf(sessionId, appended)) {
    return { eventId: wireId.slice(0, separator), streamId: appended };
  }
  const streamId = adapter.streamIdOf(wireId);
  if (streamId === undefined || !isStreamOf(sessionId, streamId)) return undefined;
  return { eventId: wireId, streamId };
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
