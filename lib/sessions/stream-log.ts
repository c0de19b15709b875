import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventsLostError } from '../adapters/events-lost.error.js';
import type { SessionAdapter } from '../adapters/session.adapter.js';
import { retryWhileUnavailable } from '../adapters/store/retry.js';
import type { EventId, StreamEvent } from '../adapters/stream-event.js';

/**
 * Records of a stream: one letter for the kind, then the text of a JSON-RPC message. `P` opens a stream and gives readers a
 * position to start from, `M` is a message, `L` is a message that ends the stream, `X` ends it without one. The last message
 * and the end are one record: an instance may die between two.
 */
export const PRIMING = 'P';
export const END = 'X';

export function messageRecord(text: string): string {
  return `M${text}`;
}

export function lastRecord(text: string): string {
  return `L${text}`;
}

/** Text of a message; `undefined` for the other kinds of records. */
export function messageOf(record: unknown): string | undefined {
  if (typeof record !== 'string') return undefined;
  return record.startsWith('M') || record.startsWith('L') ? record.slice(1) : undefined;
}

/** Checks whether a record ends its stream. */
export function isLast(record: unknown): boolean {
  return record === END || (typeof record === 'string' && record.startsWith('L'));
}

/** Position in a stream that a client has seen. */
export interface SeenEvent {
  readonly log: StreamLog;
  readonly eventId: EventId;
  /** True if it is the last event of the stream. */
  readonly isLast: boolean;
}

/** Log of one stream of a session, in the store that all instances share. */
export class StreamLog {
  constructor(
    readonly adapter: SessionAdapter,
    readonly sessionId: string,
    readonly streamId: string,
  ) {}

  /** Opens the log of the one stream of a session that belongs to no request. */
  static standalone(adapter: SessionAdapter, sessionId: string): StreamLog {
    return new StreamLog(adapter, sessionId, standaloneStream(sessionId));
  }

  /** Opens the log of a new stream, for the answer to a request. */
  static create(adapter: SessionAdapter, sessionId: string): StreamLog {
    // 60 random bits: it has to be unique in its session only.
    return new StreamLog(adapter, sessionId, nameStream(sessionId, randomUUID().slice(0, 18)));
  }

  /** Finds the event and stream of an id from a client; `undefined` for one that no stream of the session has given out. */
  static find(adapter: SessionAdapter, sessionId: string, wireId: string): SeenEvent | undefined {
    const isLast = wireId.endsWith(LAST);
    const id = isLast ? wireId.slice(0, -LAST.length) : wireId;
    const separator = id.lastIndexOf(SEPARATOR);
    const appended = id.slice(separator + 1);
    const seen = (eventId: EventId, streamId: string) => ({
      log: new StreamLog(adapter, sessionId, streamId),
      eventId,
      isLast,
    });
    if (separator >= 0 && isStreamOf(sessionId, appended)) return seen(id.slice(0, separator), appended);
    const streamId = adapter.streamIdOf(id);
    return streamId !== undefined && isStreamOf(sessionId, streamId) ? seen(id, streamId) : undefined;
  }

  /** True for the log of the stream that belongs to no request. */
  get isStandalone(): boolean {
    return this.streamId === standaloneStream(this.sessionId);
  }

  /** Id of an event as its client sees it: names the stream, whatever the adapter's ids are like. */
  wireId(eventId: EventId, isLast = false): string {
    const isClear = this.adapter.streamIdOf(eventId) === this.streamId && !eventId.endsWith(LAST);
    return (isClear ? eventId : `${eventId}${SEPARATOR}${this.streamId}`) + (isLast ? LAST : '');
  }

  /** @returns the id of the event; `undefined` if the session is gone */
  append(record: string): Promise<EventId | undefined> {
    return this.adapter.appendEvent(this.sessionId, this.streamId, record);
  }

  /**
   * Appends once, however often the store has to be asked: it may be away as long as `isWanted`. With an idempotency `key`, once
   * for all instances that append it.
   */
  appendWithRetry(record: string, isWanted: () => boolean, key?: string): Promise<EventId | undefined> {
    const name = key ?? randomBytes(9).toString('base64url');
    return retryWhileUnavailable(
      (isRepeat) =>
        this.adapter.appendEvent(this.sessionId, this.streamId, record, {
          name,
          isRepeat: isRepeat || key !== undefined,
        }),
      { isWanted },
    );
  }

  /**
   * Reads what follows an event. An adapter may also throw what it cannot give completely; a failure that passes is none of
   * that.
   *
   * @returns `false` if events are missing
   */
  async replay(after: EventId, write: (id: EventId, record: unknown) => void): Promise<boolean | void> {
    try {
      return await this.adapter.replay(this.sessionId, after, write);
    } catch (error) {
      if (error instanceof EventsLostError) return false;
      throw error;
    }
  }

  /** Reads what follows an event, and then waits for more. */
  follow(after: EventId, signal: AbortSignal): AsyncIterable<StreamEvent> {
    return this.adapter.subscribe(this.sessionId, after, signal);
  }
}

/** Name of the one stream of a session that belongs to no request. */
export function standaloneStream(sessionId: string): string {
  return nameStream(sessionId, '');
}

/** Comes between the adapter's id of an event and the stream, where the adapter's own does not name that. */
const SEPARATOR = '@';

/** Comes after the id of an event that ended its stream. */
const LAST = '!';

const DIGEST_LENGTH = 16;

/** Binds the name to the session, so that even a store which mixes sessions up replays nothing of another. */
function nameStream(sessionId: string, salt: string): string {
  const digest = createHash('sha256').update(`${salt} ${sessionId}`).digest('base64url');
  return salt + digest.slice(0, DIGEST_LENGTH);
}

function isStreamOf(sessionId: string, streamId: string): boolean {
  return streamId === nameStream(sessionId, streamId.slice(0, -DIGEST_LENGTH));
}
