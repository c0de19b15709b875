import { randomBytes } from 'node:crypto';
import {
  errorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import type { McpError } from '../../protocol/mcp.error.js';
import type { Cancellation } from '../../server/cancellation.js';
import type { LocalSession } from '../../server/local-session.js';
import type { Answer } from '../../server/mcp.server.js';
import type { Accepted } from './accept.js';
import { sendJson, type HttpExchange } from './http-exchange.js';
import type { Reply } from './reply.js';
import type { SessionStreams } from './session-streams.js';
import type { StreamConnection } from './stream-connection.js';
import { END, messageRecord, PRIMING } from './stream-record.js';

/**
 * The response to one POST of a session: JSON if nothing comes before the last answer, else a stream of the session
 * that outlives its connection. Messages go to the log one after another; the connection follows the log.
 */
export class SessionReply implements Reply {
  readonly #pending = new Map<RequestId, Cancellation>();
  readonly #answers: string[] = [];
  #streamId: string | undefined;
  #connection: StreamConnection | undefined;
  /** The end of the queue of records on their way to the log; `undefined` until the first one. */
  #queue: Promise<unknown> | undefined;
  #queuedBytes = 0;

  constructor(
    private readonly exchange: HttpExchange,
    private readonly accepted: Accepted,
    private readonly session: LocalSession,
    private readonly streams: SessionStreams,
    private readonly isBatch: boolean,
  ) {
    exchange.response.once('close', () => this.#onClose());
    if (!accepted.json) void this.#enqueue(() => this.#open()).catch(streams.onError);
  }

  expect(id: RequestId, cancellation: Cancellation): void {
    this.#pending.set(id, cancellation);
  }

  async send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> {
    if (!this.accepted.sse) return false;
    await this.#append(messageRecord(JSON.stringify(message)));
    return true;
  }

  async closeStream(retryMs: number): Promise<void> {
    if (!this.accepted.sse || !this.streams.isPollable(this.session)) return;
    await this.#enqueue(async () => {
      await this.#open();
      await this.#connection?.pause(retryMs);
    });
  }

  answer(id: RequestId, { text, status }: Pick<Answer, 'text' | 'status'>): void {
    if (!this.#pending.delete(id)) return;
    if (this.#queue) {
      this.#inBackground(this.#append(messageRecord(text)));
      if (this.#pending.size === 0) this.#inBackground(this.#append(END));
      return;
    }
    this.#answers.push(text);
    if (this.#pending.size === 0) this.#sendAnswers(status);
  }

  /** Cancels a request that gets no answer, as its client asked. */
  drop(id: RequestId, reason: string): void {
    const cancellation = this.#pending.get(id);
    if (!cancellation) return;
    this.#pending.delete(id);
    cancellation.cancel(reason);
    if (this.#pending.size > 0) return;
    if (this.#queue) this.#inBackground(this.#append(END));
    else this.#sendAnswers(200);
  }

  abandon(error: McpError, status: number): void {
    for (const [id, cancellation] of this.#pending) {
      cancellation.cancel(error.message);
      this.answer(id, { text: errorResponse(id, error.toJSON()), status });
    }
  }

  /** Resolves when all that was said is in the log. */
  async settled(): Promise<void> {
    await this.#queue?.catch(() => {});
  }

  #sendAnswers(status: number): void {
    const { exchange } = this;
    if (this.isBatch && this.#answers.length > 0) return sendJson(exchange, 200, `[${this.#answers.join(',')}]`);
    const [answer] = this.#answers;
    if (answer !== undefined) return sendJson(exchange, status, answer);
    if (exchange.response.headersSent) return;
    exchange.response.writeHead(202, { 'content-length': 0 });
    exchange.response.end();
  }

  #append(record: string): Promise<void> {
    this.#queuedBytes += record.length;
    if (this.#queuedBytes > this.streams.maxBufferedBytes) this.#disconnect();
    return this.#enqueue(async () => {
      this.#queuedBytes -= record.length;
      await this.#open();
      const { id } = this.session;
      const eventId = await this.streams.adapter.appendEvent(id, this.#streamId as string, record);
      if (eventId !== undefined) await this.streams.delivered(this.session, this.#streamId as string, eventId);
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = (this.#queue ?? Promise.resolve()).then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Brings the stream into being, with the connection of the POST if that is still there. */
  async #open(): Promise<void> {
    if (this.#streamId !== undefined) return;
    const streamId = randomBytes(12).toString('base64url');
    this.#streamId = streamId;
    const cursor = await this.streams.adapter.appendEvent(this.session.id, streamId, PRIMING);
    const { response } = this.exchange;
    if (cursor === undefined || response.destroyed || response.headersSent) return;
    for (const text of this.#answers.splice(0)) {
      await this.streams.adapter.appendEvent(this.session.id, streamId, messageRecord(text));
    }
    this.#connection = this.streams.connect(this.session, streamId, response);
    await this.streams.greet(this.#connection, this.session, cursor);
    this.#inBackground(this.#connection.follow(this.streams.adapter, this.session.id, cursor));
  }

  #onClose(): void {
    if (this.#queue || this.exchange.response.writableFinished) return;
    for (const cancellation of this.#pending.values()) cancellation.cancel('The client closed the connection');
  }

  #inBackground(work: Promise<void>): void {
    work.catch(this.streams.onError);
  }
}
