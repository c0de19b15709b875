import type { ServerResponse } from 'node:http';
import { EventsLostError } from '../../adapters/events-lost.error.js';
import type { SessionAdapter } from '../../adapters/session.adapter.js';
import type { EventId } from '../../adapters/stream-event.js';
import { answeredId, errorResponse, type RequestId } from '../../protocol/json-rpc.js';
import { invalidRequest } from '../../protocol/mcp.error.js';
import type { SessionConnection } from '../../sessions/local-session.js';
import type { OpenStreams } from './open-streams.js';
import type { SseStream } from './sse-stream.js';
import { isLast, messageOf, PRIMING } from './stream-record.js';

/** How soon a client is asked to come back when its connection breaks. */
const RETRY_MS = 1000;

/** Why readers of the log stop. Made once, as an error costs more than the connection it is for. */
const CLOSED = new DOMException('The connection has closed', 'AbortError');

/** What a connection is made with. */
export interface StreamConnectionOptions {
  readonly streams: OpenStreams;
  /** The id of an event as the client sees it, which tells whether anything follows. */
  readonly toWireId: (eventId: EventId, isLast: boolean) => string;
  /** Whether another connection that takes the stream over is known of from the log, as no bus tells of it. */
  readonly endsAtClaim: boolean;
}

/** A connection that carries one stream of a session: what the log holds goes to the socket, and nothing else does. */
export class StreamConnection implements SessionConnection {
  readonly #abort = new AbortController();
  readonly #response: ServerResponse;
  readonly #sse: SseStream;
  #lastDelivered: EventId | undefined;
  /** Requests whose answers have not passed yet. */
  #awaited: Set<RequestId> | undefined;
  readonly #onTaken: (() => void)[] = [];
  #waiting: { readonly id: EventId; readonly resolve: () => void } | undefined;

  constructor(
    response: ServerResponse,
    private readonly options: StreamConnectionOptions,
  ) {
    this.#response = response;
    // The log goes on; whoever comes back with good credentials reads the rest.
    this.#sse = options.streams.open(response, () => this.close());
    response.once('close', () => this.close());
  }

  /** Gives the client a position to resume from. */
  async prime(id: EventId): Promise<void> {
    await this.#sse.prime(this.options.toWireId(id, false), RETRY_MS);
  }

  /** The first byte, for clients that are given no position. */
  greet(): void {
    this.#sse.keepAlive();
  }

  /** Writes one record of the log; resolves with `false` when it ends the stream. */
  async write(id: EventId, record: unknown): Promise<boolean> {
    const text = messageOf(record);
    if (text !== undefined && this.#awaited) this.#awaited.delete(answeredId(text) as RequestId);
    if (text !== undefined) await this.#sse.send(text, this.options.toWireId(id, isLast(record)));
    this.#lastDelivered = id;
    this.#releaseTaken();
    if (this.#waiting?.id === id) this.#release();
    return !isLast(record);
  }

  /**
   * Follows the log until the stream ends or the connection does. Rejects when the store fails. `claim` is where in the
   * log this connection took the stream over, if that is later than `after`.
   */
  async follow(adapter: SessionAdapter, sessionId: string, after: EventId, claim?: EventId): Promise<void> {
    let isClaimed = claim === undefined;
    try {
      for await (const { id, message } of adapter.subscribe(sessionId, after, this.#abort.signal)) {
        if (this.options.endsAtClaim && isClaimed && message === PRIMING) return this.close();
        isClaimed ||= id === claim;
        if (!(await this.write(id, message))) return this.#sse.end();
      }
      // The log ends with its session.
      if (!this.#abort.signal.aborted) this.#refuse('The session has ended');
      this.#sse.end();
    } catch (error) {
      // The client sees a stream begin and break, and may resume, where it learns what became of it.
      this.#response.flushHeaders();
      this.#response.destroy();
      if (!(error instanceof EventsLostError)) throw error;
    } finally {
      this.close();
    }
  }

  /**
   * Resolves when the event has been written or the connection is gone. Only ever waited for by one message at a
   * time, the newest of the stream.
   */
  delivered(id: EventId): Promise<void> | void {
    if (this.#abort.signal.aborted || this.#lastDelivered === id) return;
    return new Promise((resolve) => {
      this.#waiting = { id, resolve };
    });
  }

  /** Resolves when the next event has been written, or the connection is gone. */
  taken(): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#onTaken.push(resolve));
  }

  /** Ends the connection, asking the client to come back. */
  async pause(retryMs: number): Promise<void> {
    await this.#sse.retry(retryMs);
    this.close();
  }

  /** Names the requests that the client waits for on this stream. */
  await(ids: readonly RequestId[]): void {
    this.#awaited = new Set(ids);
  }

  end(reason: string): void {
    this.#refuse(reason);
    this.close();
  }

  /** Answers what was not answered with an error that is not in the log, as that is gone. */
  #refuse(reason: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    for (const id of this.#awaited ?? [])
      void this.#sse.send(errorResponse(id, invalidRequest(reason).toJSON()));
    this.#awaited = undefined;
  }

  /** Gives a client that reads nothing less time: there is no room for more of what waits for it. */
  hurry(): void {
    this.#sse.hurry();
  }

  /** Breaks the connection, with whatever still waits for a client that does not read it. */
  drop(): void {
    this.#response.destroy();
    this.close();
  }

  close(): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(CLOSED);
    this.#release();
    this.#releaseTaken();
    if (!this.#response.writableEnded) this.#sse.end();
  }

  #release(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #releaseTaken(): void {
    for (const resolve of this.#onTaken.splice(0)) resolve();
  }
}
