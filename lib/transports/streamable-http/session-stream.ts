import type { ServerResponse } from 'node:http';
import { EventsLostError } from '../../adapters/events-lost.error.js';
import type { EventId } from '../../adapters/stream-event.js';
import { answeredId, errorResponse, type RequestId } from '../../protocol/json-rpc.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import type { Session, StreamConnection } from '../../sessions/session.js';
import { isLast, messagesOf, PRIMING, type StreamLog } from '../../sessions/stream-log.js';
import type { OpenStreams } from './http/open-streams.js';
import { SseStream } from './http/sse-stream.js';

/** Pause before a client comes back whose connection broke. */
const RETRY_MS = 1000;

/** Reason for readers of the log to stop. Made once, as an error costs more than the connection it is for. */
const CLOSED = new DOMException('The connection has closed', 'AbortError');

/** Stream of a session, from its log to the socket: what the log holds is written, and nothing else. */
export class SessionStream extends SseStream implements StreamConnection {
  /** Set if a GET opened the stream: it ends as soon as the server begins to close. */
  isListening = false;
  readonly #abort = new AbortController();
  #lastDelivered: EventId | undefined;
  /** Number of messages of the next record that the client has. */
  #seenCount = 0;
  /** Requests whose answers have not passed yet. */
  #awaited: Set<RequestId> | undefined;
  #onTaken: (() => void)[] | undefined;
  #waiting: { readonly id: EventId; readonly resolve: () => void } | undefined;

  constructor(
    response: ServerResponse,
    streams: OpenStreams,
    private readonly session: Session,
    private readonly log: StreamLog,
  ) {
    super(response, streams.limits);
    streams.add(this);
    session.connect(this);
  }

  get streamId(): string {
    return this.log.streamId;
  }

  /** Aborted when the connection is closed. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Names the requests that the client waits for on this stream. */
  await(ids: readonly RequestId[]): void {
    this.#awaited = new Set(ids);
  }

  /** Writes the first bytes: a position to resume from, for clients that know what it is. */
  async greet(cursor: EventId): Promise<void> {
    if (this.session.isPollable) await this.prime(this.log.wireId(cursor), RETRY_MS);
    else this.keepAlive();
  }

  /** Goes on behind an event that the client has, and so many messages of the record after that. */
  resume(after: EventId, seenCount: number): void {
    this.#lastDelivered = after;
    this.#seenCount = seenCount;
  }

  /** Writes one record of the log. Gives `false` when it ends the stream, `true` when there is room for the next. */
  write(id: EventId, record: unknown): Promise<boolean> | boolean {
    const isMore = !isLast(record);
    const texts = messagesOf(record);
    const [text] = texts;
    if (texts.length > 1) return this.#writeAll(id, texts, isMore);
    const sending = text === undefined ? undefined : this.#say(text, this.log.wireId(id, !isMore));
    if (!sending) return this.#written(id, isMore);
    return sending.then(() => this.#written(id, isMore));
  }

  async #writeAll(id: EventId, texts: readonly string[], isMore: boolean): Promise<boolean> {
    const previous = this.#lastDelivered as EventId;
    const ends = texts.length;
    for (let count = this.#seenCount + 1; count <= ends; count++) {
      const wireId = count < ends ? this.log.partId(previous, count) : this.log.wireId(id, !isMore);
      const sending = this.#say(texts[count - 1] as string, wireId);
      if (sending) await sending;
    }
    this.#seenCount = 0;
    return this.#written(id, isMore);
  }

  #say(text: string, wireId: string): Promise<void> | void {
    if (this.#awaited) this.#awaited.delete(answeredId(text) as RequestId);
    return this.send(text, wireId);
  }

  #written(id: EventId, isMore: boolean): boolean {
    this.#lastDelivered = id;
    this.#releaseTaken();
    if (this.#waiting?.id === id) this.#release();
    return isMore;
  }

  /**
   * Follows the log until the stream ends or the connection does. Rejects when the store fails. Where a `claim` is given, the
   * record at which this connection took the stream over, the next one like it ends the connection: another has the stream.
   */
  async follow(after: EventId, claim?: EventId): Promise<void> {
    let isClaimed = claim === after;
    this.#lastDelivered = after;
    try {
      for await (const { id, message } of this.log.follow(after, this.signal)) {
        if (isClaimed && message === PRIMING) return this.close();
        isClaimed ||= id === claim;
        const writing = this.write(id, message);
        if (!(typeof writing === 'boolean' ? writing : await writing)) return this.end();
      }
      // The log ends with its session.
      if (!this.signal.aborted) this.#answer('The session has ended');
      this.end();
    } catch (error) {
      // The client sees a stream begin and break, and may resume, where it learns what became of it.
      this.response.flushHeaders();
      this.response.destroy();
      if (!(error instanceof EventsLostError)) throw error;
    } finally {
      this.close();
    }
  }

  delivered(id: EventId): Promise<void> | void {
    if (this.signal.aborted || this.#lastDelivered === id) return;
    // The newest event of the stream is waited for, one at a time.
    return new Promise((resolve) => {
      this.#waiting = { id, resolve };
    });
  }

  taken(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => (this.#onTaken ??= []).push(resolve));
  }

  async pause(retryMs: number): Promise<void> {
    await this.retry(retryMs);
    this.close();
  }

  refuse(reason: string): void {
    this.#answer(reason);
    this.close();
  }

  drop(): void {
    this.response.destroy();
    this.close();
  }

  close(): void {
    if (!this.signal.aborted) this.#abort.abort(CLOSED);
    this.#release();
    this.#releaseTaken();
    if (!this.response.writableEnded) this.end();
  }

  /** Closes the connection; the log goes on, and a client that comes back with good credentials reads the rest. */
  override expire(): void {
    this.close();
  }

  override closed(): void {
    this.session.disconnect(this);
    this.close();
  }

  /** Answers what was not answered with an error that is not in the log, as that is gone. */
  #answer(reason: string): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    for (const id of this.#awaited ?? []) void this.send(errorResponse(id, invalidRequest(reason).toJSON()));
    this.#awaited = undefined;
  }

  #release(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #releaseTaken(): void {
    const waiting = this.#onTaken;
    this.#onTaken = undefined;
    for (const resolve of waiting ?? []) resolve();
  }
}
