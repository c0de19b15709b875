import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventsLostError } from '../adapters/events-lost.error.js';
import type { SessionAdapter } from '../adapters/session.adapter.js';
import { retryWhileUnavailable } from '../adapters/store/retry.js';
import type { EventId, StreamEvent } from '../adapters/stream-event.js';

/**
 * Records of a stream: one letter for the kind, then the text of a JSON-RPC message. `P` opens a stream and gives readers a
 * position to start from, `M` is a message, or several with a line for each, `L` is a message that ends the stream, `X` ends
 * it without one. The last message and the end are one record: an instance may die between two.
 */
export const PRIMING = 'P';
export const END = 'X';

/** Between the messages of a record. JSON has line breaks between its tokens only, and ours has none. */
const LINE = '\n';

export function messageRecord(...texts: readonly string[]): string {
  return `M${texts.join(LINE)}`;
}

export function lastRecord(text: string): string {
  return `L${text}`;
}

/** Texts of the messages of a record; none for the other kinds. */
export function messagesOf(record: unknown): readonly string[] {
  if (typeof record !== 'string' || !(record.startsWith('M') || record.startsWith('L'))) return [];
  const text = record.slice(1);
  return text.includes(LINE) ? text.split(LINE) : [text];
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
  /** Number of messages that it has seen of the record after that event. */
  readonly seenCount: number;
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
    const [mark, count] = MARKED.exec(wireId) ?? [];
    const id = mark === undefined ? wireId : wireId.slice(0, -mark.length);
    const separator = id.lastIndexOf(SEPARATOR);
    const appended = id.slice(separator + 1);
    const seen = (eventId: EventId, streamId: string) => ({
      log: new StreamLog(adapter, sessionId, streamId),
      eventId,
      isLast: mark === MARK,
      seenCount: Number(count ?? 0),
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
    return this.#named(eventId) + (isLast ? MARK : '');
  }

  /** The same of a message with others behind it in its record: names the event before, and how many of the messages it makes. */
  partId(previous: EventId, count: number): string {
    return this.#named(previous) + MARK + count;
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

  #named(eventId: EventId): string {
    const isClear = this.adapter.streamIdOf(eventId) === this.streamId && !eventId.includes(MARK);
    return isClear ? eventId : `${eventId}${SEPARATOR}${this.streamId}`;
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

/** Comes after the id of an event that ended its stream, and with a number after that of one whose next record has begun. */
const MARK = '!';
const MARKED = /!([1-9]\d{0,4})?$/;

const DIGEST_LENGTH = 16;

/** Binds the name to the session, so that even a store which mixes sessions up replays nothing of another. */
function nameStream(sessionId: string, salt: string): string {
  const digest = createHash('sha256').update(`${salt} ${sessionId}`).digest('base64url');
  return salt + digest.slice(0, DIGEST_LENGTH);
}

function isStreamOf(sessionId: string, streamId: string): boolean {
  return streamId === nameStream(sessionId, streamId.slice(0, -DIGEST_LENGTH));
}
