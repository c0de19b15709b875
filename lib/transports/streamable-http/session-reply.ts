import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { EventId } from '../../adapters/stream-event.js';
import {
  errorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { Cancellation } from '../../calls/cancellation.js';
import type { LocalSession } from '../../sessions/local-session.js';
import type { Answer } from '../../server/mcp.server.js';
import type { Accepted } from './accept.js';
import { appendLasting } from './append-lasting.js';
import { Backlog, isDroppable } from './backlog.js';
import { sendAccepted, sendError, sendJson, type HttpExchange } from './http-exchange.js';
import type { Reply } from './reply.js';
import type { SessionStreams } from './session-streams.js';
import type { StreamConnection } from './stream-connection.js';
import { newStream } from './stream-id.js';
import { END, isLast, lastRecord, messageRecord, PRIMING } from './stream-record.js';

/**
 * The response to one POST of a session: JSON if nothing comes before the last answer, else a stream of the session
 * that outlives its connection. Messages go to the log one after another; the connection follows the log.
 */
export class SessionReply implements Reply {
  readonly #pending = new Map<RequestId, Cancellation>();
  readonly #answers: string[] = [];
  readonly #expected: RequestId[] = [];
  #streamId: string | undefined;
  /** The end of the queue of records on their way to the log; `undefined` until the first one. */
  #queue: Promise<unknown> | undefined;
  readonly #backlog: Backlog;
  #isQuiet = false;
  #leave: (() => void) | undefined;

  constructor(
    private readonly exchange: HttpExchange,
    private readonly accepted: Accepted,
    private readonly session: LocalSession,
    private readonly streams: SessionStreams,
    private readonly isBatch: boolean,
  ) {
    this.#backlog = new Backlog(streams.maxBufferedBytes);
    exchange.response.once('close', () => this.#onClose());
    if (!accepted.json) void this.#enqueue(() => this.#open()).catch(streams.onError);
  }

  get hasBegun(): boolean {
    return this.#queue !== undefined;
  }

  expect(id: RequestId, cancellation: Cancellation): void {
    this.#pending.set(id, cancellation);
    this.#expected.push(id);
  }

  async send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> {
    if (!this.accepted.sse) return false;
    if (isDroppable(message) && this.#backlog.isFull) {
      this.#connection?.hurry();
      await this.#queue;
    } else await this.#append(messageRecord(JSON.stringify(message)));
    return true;
  }

  async closeStream(retryMs: number): Promise<void> {
    if (!this.accepted.sse || !this.streams.isPollable(this.session)) return;
    await this.#enqueue(async () => {
      await this.#open();
      await this.#connection?.pause(retryMs);
    });
  }

  answer(id: RequestId, { text, status, headers }: Pick<Answer, 'text' | 'status' | 'headers'>): void {
    if (!this.#pending.delete(id)) return;
    if (this.#queue) {
      this.#conclude(this.#pending.size === 0 ? lastRecord(text) : messageRecord(text), text);
      return;
    }
    this.#answers.push(text);
    if (this.#pending.size === 0) this.#sendAnswers(status, headers);
  }

  /** Cancels a request that gets no answer, as its client asked. */
  drop(id: RequestId, reason: string): void {
    const cancellation = this.#pending.get(id);
    if (!cancellation) return;
    this.#pending.delete(id);
    cancellation.cancel(reason);
    if (this.#pending.size > 0) return this.#owe();
    if (this.#queue) this.#conclude(END);
    else this.#sendAnswers(200);
  }

  /** Answers a request whose session is over: outside of the log, which is gone. */
  end(id: RequestId, reason: string): void {
    const cancellation = this.#pending.get(id);
    if (!cancellation) return;
    this.#pending.delete(id);
    cancellation.cancel(reason);
    // What carries the stream says it.
    if (this.#queue) return;
    this.#answers.push(errorResponse(id, invalidRequest(reason).toJSON()));
    if (this.#pending.size === 0) this.#sendAnswers(404);
  }

  /** The second time it is called, what has been quiet since the first becomes a stream. */
  keepAlive(): void {
    if (this.#queue || !this.accepted.sse || this.#pending.size === 0) return;
    if (this.#isQuiet) void this.#enqueue(() => this.#open()).catch(this.streams.onError);
    this.#isQuiet = true;
  }

  abandon(error: McpError, status: number): void {
    for (const [id, cancellation] of this.#pending) {
      cancellation.cancel(error.message);
      this.answer(id, { text: errorResponse(id, error.toJSON()), status });
    }
  }

  /** Resolves when all that was said is in the log; `undefined` when nothing was. */
  settled(): Promise<unknown> | undefined {
    return this.#queue;
  }

  /** Nobody waits for it any more, whatever is said from now on. */
  leave(): void {
    this.#leave?.();
    this.#leave = () => {};
  }

  #sendAnswers(status: number, headers?: Answer['headers']): void {
    const { exchange } = this;
    if (this.isBatch && this.#answers.length > 0)
      return sendJson(exchange, status === 404 ? status : 200, `[${this.#answers.join(',')}]`);
    const [answer] = this.#answers;
    if (answer !== undefined) return sendJson(exchange, status, answer, headers);
    sendAccepted(exchange);
  }

  /**
   * Says what the client waits for. Where the log does not take it the connection breaks, so that nobody waits in vain;
   * a store that is away for a while gets it when it is back, where the client finds it. A response whose stream could
   * not begin needs no store.
   */
  #conclude(record: string, text?: string): void {
    this.#append(record, true, text).catch((error: unknown) => {
      this.#connection?.drop();
      this.streams.onError(error);
    });
  }

  #append(record: string, isLasting = false, text?: string): Promise<void> {
    this.#backlog.add(record.length);
    const done = this.#enqueue(async () => {
      this.#backlog.remove(record.length);
      try {
        await this.#open();
      } catch (error) {
        if (!isLasting || !(error instanceof AdapterUnavailableError)) throw error;
        if (text !== undefined) this.#answers.push(text);
        return isLast(record) ? this.#sendAnswers(200) : undefined;
      }
      const eventId = await this.#log(record, isLasting);
      const streamId = this.#streamId as string;
      if (isLast(record)) await this.streams.owners.release(this.session.id, streamId);
      if (eventId !== undefined) await this.streams.delivered(this.session, streamId, eventId);
    });
    if (isLasting && !isLast(record)) this.#owe();
    return done;
  }

  /** Others are to know which answers of a batch are still to come, should this instance die. */
  #owe(): void {
    if (!this.#queue) return;
    const owed = [...this.#pending.keys()];
    const { owners, onError } = this.streams;
    void this.#enqueue(async () => {
      if (this.#streamId !== undefined) await owners.claim(this.session.id, this.#streamId, owed);
    }).catch(onError);
  }

  /** `isLasting` is tried until the store takes it, or the server is gone: what comes after it waits. */
  async #log(record: string, isLasting: boolean): Promise<EventId | undefined> {
    const streamId = this.#streamId as string;
    if (!isLasting) return this.streams.adapter.appendEvent(this.session.id, streamId, record);
    const connection = this.#connection;
    return appendLasting(this.streams.adapter, [this.session.id, streamId, record], () => {
      // What it was sent reaches the client, which comes back for the rest.
      connection?.close();
      return !this.streams.isStopped;
    });
  }

  /** What carries the stream now: another connection than the POST's where the client has come back. */
  get #connection(): StreamConnection | undefined {
    return this.#streamId === undefined ? undefined : this.streams.connection(this.session, this.#streamId);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#leave ??= this.streams.replies.add(this);
    const done = (this.#queue ?? Promise.resolve()).then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Brings the stream into being, with the connection of the POST if that is still there. */
  async #open(): Promise<void> {
    if (this.#streamId !== undefined) return;
    const streamId = newStream(this.session.id);
    const { response } = this.exchange;
    const cursor = await this.#begin(streamId);
    this.#streamId = streamId;
    if (cursor === undefined || response.destroyed || response.headersSent) return;
    for (const text of this.#answers.splice(0)) await this.#log(messageRecord(text), true);
    const connection = this.streams.connect(this.session, streamId, response);
    connection.await(this.#expected);
    await this.streams.greet(connection, this.session, cursor);
    connection.follow(this.streams.adapter, this.session.id, cursor).catch(this.streams.onError);
  }

  /**
   * Begins the log of the stream. Where there can be none, the client is told and does not wait; while the store is away
   * nothing has begun, and what comes next begins it.
   */
  async #begin(streamId: string): Promise<EventId | undefined> {
    const { adapter, owners } = this.streams;
    const { id } = this.session;
    try {
      // Sent together, which matters where the store is across a network.
      const [cursor] = await Promise.all([
        adapter.appendEvent(id, streamId, PRIMING),
        owners.claim(id, streamId, [...this.#pending.keys()]),
      ]);
      if (cursor === undefined) this.#sendGone();
      return cursor;
    } catch (error) {
      if (error instanceof AdapterUnavailableError) throw error;
      this.#streamId = streamId;
      sendError(this.exchange, 500, new McpError(McpErrorCode.InternalError, 'Internal error'));
      throw error;
    }
  }

  /** The session ended before its stream could begin. */
  #sendGone(): void {
    const gone = invalidRequest('Session not found');
    if (!this.isBatch) return sendError(this.exchange, 404, gone);
    sendJson(
      this.exchange,
      404,
      `[${this.#expected.map((id) => errorResponse(id, gone.toJSON())).join(',')}]`,
    );
  }

  #onClose(): void {
    if (this.#queue) return;
    for (const cancellation of this.#pending.values())
      cancellation.cancel('The client closed the connection');
  }
}
