import { AdapterUnavailableError } from '../../adapters/adapter-unavailable.error.js';
import type { EventId } from '../../adapters/stream-event.js';
import {
  errorResponse,
  messageText,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { Session, StreamConnection } from '../../sessions/session.js';
import { END, isLast, lastRecord, messageRecord, PRIMING, StreamLog } from '../../sessions/stream-log.js';
import { Backlog, isDroppable } from '../backlog.js';
import { sendError, sendJson, type AdmittedRequest } from './http/http-exchange.js';
import { Reply, type ReplyDeps } from './reply.js';
import type { SessionStreams } from './session-streams.js';

/** Longest record of several messages. */
const MAX_RECORD_LENGTH = 16 * 1024;

/** Messages whose record has not been begun. */
interface WaitingMessages {
  readonly texts: string[];
  length: number;
  readonly said: Promise<unknown>;
}

/**
 * Response to one POST of a session: its stream outlives the connection. Messages go to the log one after another; whatever
 * connection carries the stream follows the log.
 */
export class SessionReply extends Reply {
  #log: StreamLog | undefined;
  /** End of the queue of records on their way to the log; `undefined` until the first one. */
  #queue: Promise<unknown> | undefined;
  /** Record that more messages may join; `undefined` once it, or other work behind it, has its turn. */
  #waiting: WaitingMessages | undefined;
  readonly #backlog: Backlog;
  #leave: (() => void) | undefined;

  constructor(
    request: AdmittedRequest,
    private readonly ids: readonly RequestId[],
    isBatch: boolean,
    deps: ReplyDeps,
    private readonly session: Session,
    private readonly streams: SessionStreams,
  ) {
    super(request, isBatch, deps);
    this.#backlog = new Backlog(deps.streams.limits.maxBufferedBytes);
  }

  override get hasBegun(): boolean {
    return this.#queue !== undefined;
  }

  /** Resolves when all that was said is in the log; `undefined` when nothing was. */
  get settled(): Promise<unknown> | undefined {
    return this.#queue;
  }

  override async send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> {
    if (!this.request.accepted.sse) return false;
    if (isDroppable(message) && this.#backlog.isFull) {
      this.#connection?.hurry();
      await this.#queue;
    } else await this.#say(messageText(message));
    return true;
  }

  override async closeStream(retryMs: number): Promise<void> {
    if (!this.request.accepted.sse || !this.session.isPollable) return;
    await this.#enqueue(async () => {
      await this.#open();
      await this.#connection?.pause(retryMs);
    });
  }

  /** Cancels a request that gets no answer, as its client asked. */
  drop(id: RequestId, reason: string): void {
    if (!this.#cancel(id, reason)) return;
    if (this.pending.length > 0) return this.#renewClaim();
    if (this.#queue) this.#conclude(END);
    else this.sendAnswers(200);
  }

  /** Answers a request whose session is over: outside of the log, which is gone. */
  end(id: RequestId, reason: string): void {
    // Where there is a stream, the stream delivers the error.
    if (!this.#cancel(id, reason) || this.#queue) return;
    this.answers.push(errorResponse(id, invalidRequest(reason).toJSON()));
    if (this.pending.length === 0) this.sendAnswers(404);
  }

  /** Takes it off what a closing server waits for, whatever is said from now on. */
  leave(): void {
    this.#leave?.();
    this.#leave = () => {};
  }

  protected override begin(): void {
    void this.#enqueue(() => this.#open()).catch(this.streams.onError);
  }

  protected override say(answer: string, isLast: boolean): void {
    this.#conclude(isLast ? lastRecord(answer) : messageRecord(answer), answer);
  }

  /** Cancels nothing once a stream has begun: the client may come back for it. */
  protected override disconnected(): void {
    if (!this.#queue) super.disconnected();
  }

  #cancel(id: RequestId, reason: string): boolean {
    const call = this.take(id);
    call?.cancellation.cancel(reason);
    return call !== undefined;
  }

  /**
   * Sends the response that the client waits for. Where the log does not take it the connection breaks, so that the client
   * does not wait in vain; a store that is away for a while gets it when it is back, where the client finds it. A response
   * whose stream could not begin needs no store.
   */
  #conclude(record: string, text?: string): void {
    this.#append(record, text).catch((error: unknown) => {
      this.#connection?.drop();
      this.streams.onError(error);
    });
  }

  /** One record for all that is said in a turn, or while what came before is on its way: each costs the store a round trip. */
  #say(text: string): Promise<unknown> {
    this.#backlog.add(text.length);
    const earlier = this.#waiting;
    if (earlier && earlier.length + text.length <= MAX_RECORD_LENGTH) {
      earlier.texts.push(text);
      earlier.length += text.length;
      return earlier.said;
    }
    const texts = [text];
    const said = this.#enqueue(async () => {
      if (this.#waiting?.texts === texts) this.#waiting = undefined;
      for (const { length } of texts) this.#backlog.remove(length);
      const log = await this.#open();
      await this.#delivered(log, await log.append(messageRecord(...texts)));
    });
    this.#waiting = { texts, length: text.length, said };
    return said;
  }

  /** Appends what the client waits for. */
  #append(record: string, text?: string): Promise<unknown> {
    this.#backlog.add(record.length);
    const done = this.#enqueue(async () => {
      this.#backlog.remove(record.length);
      let log: StreamLog;
      try {
        log = await this.#open();
      } catch (error) {
        if (!(error instanceof AdapterUnavailableError)) throw error;
        if (text !== undefined) this.answers.push(text);
        return isLast(record) ? this.sendAnswers(200) : undefined;
      }
      const eventId = await this.#appendLasting(log, record);
      if (isLast(record)) await this.streams.owners.release(log);
      await this.#delivered(log, eventId);
    });
    if (!isLast(record)) this.#renewClaim();
    return done;
  }

  /** Waits until the connection of the stream, if there is one here, has taken an event. */
  async #delivered(log: StreamLog, eventId: EventId | undefined): Promise<void> {
    if (eventId !== undefined) await this.session.connection(log.streamId)?.delivered(eventId);
  }

  /** Tries until the store takes a record, or the server is gone: what comes after it waits. */
  #appendLasting(log: StreamLog, record: string): Promise<EventId | undefined> {
    const connection = this.#connection;
    return log.appendWithRetry(record, () => {
      // The client still receives the events already sent, and reconnects for the rest.
      connection?.close();
      return !this.streams.isStopped;
    });
  }

  get #pendingIds(): RequestId[] {
    return this.pending.map(({ request }) => request.id);
  }

  /** Keeps in the store which answers of a batch are still to come, should this instance die. */
  #renewClaim(): void {
    if (!this.#queue) return;
    const ids = this.#pendingIds;
    const { owners, onError } = this.streams;
    void this.#enqueue(async () => {
      if (this.#log) await owners.claim(this.#log, ids);
    }).catch(onError);
  }

  /** Carrier of the stream now: another connection than the POST's where the client has come back. */
  get #connection(): StreamConnection | undefined {
    return this.#log && this.session.connection(this.#log.streamId);
  }

  #enqueue(work: () => Promise<unknown>): Promise<unknown> {
    this.#leave ??= this.streams.replies.add(this);
    // Later messages come behind this work: none joins a record before it.
    this.#waiting = undefined;
    const done = (this.#queue ?? Promise.resolve()).then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Brings the stream into being, with the connection of the POST if that is still there. */
  async #open(): Promise<StreamLog> {
    if (this.#log) return this.#log;
    const log = StreamLog.create(this.streams.adapter, this.session.id);
    const { response } = this.request.exchange;
    const cursor = await this.#begin(log);
    this.#log = log;
    if (cursor === undefined || response.destroyed || response.headersSent) return log;
    for (const text of this.answers.splice(0)) await this.#appendLasting(log, messageRecord(text));
    const connection = this.streams.connect(this.session, log, response);
    connection.await(this.ids);
    await connection.greet(cursor);
    this.streams.follow(connection, cursor).catch(this.streams.onError);
    return log;
  }

  /**
   * Begins the log of the stream. Where there can be none, the client is told and does not wait; while the store is away
   * nothing has begun, and what comes next begins it.
   */
  async #begin(log: StreamLog): Promise<EventId | undefined> {
    try {
      // Sent together, which matters where the store is across a network.
      const [cursor] = await Promise.all([
        log.append(PRIMING),
        this.streams.owners.claim(log, this.#pendingIds),
      ]);
      if (cursor === undefined) this.#sendGone();
      return cursor;
    } catch (error) {
      if (error instanceof AdapterUnavailableError) throw error;
      this.#log = log;
      const failed = new McpError(McpErrorCode.InternalError, 'Internal error');
      sendError(this.request.exchange, 500, failed);
      throw error;
    }
  }

  /** Answers where the session ended before its stream could begin. */
  #sendGone(): void {
    const gone = invalidRequest('Session not found');
    const { exchange } = this.request;
    if (!this.isBatch) return sendError(exchange, 404, gone);
    sendJson(exchange, 404, `[${this.ids.map((id) => errorResponse(id, gone.toJSON())).join(',')}]`);
  }
}
