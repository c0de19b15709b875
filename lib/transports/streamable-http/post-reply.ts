import {
  errorResponse,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, type McpError } from '../../protocol/mcp.error.js';
import type { Cancellation } from '../../calls/cancellation.js';
import type { Answer } from '../../server/mcp.server.js';
import type { Accepted } from './accept.js';
import { isDroppable } from './backlog.js';
import { sendJson, type HttpExchange } from './http-exchange.js';
import type { OpenStreams } from './open-streams.js';
import type { Reply } from './reply.js';
import type { SseStream } from './sse-stream.js';

/** Where nobody could come back for the rest, the client is told why there will be none. */
function credentialsExpired(): McpError {
  return invalidRequest('The access token has expired');
}

/**
 * The response to one POST: JSON if nothing comes before the last answer, else a stream that ends with it.
 * When the client goes away, the requests it stood for are cancelled.
 */
export class PostReply implements Reply {
  readonly #exchange: HttpExchange;
  readonly #accepted: Accepted;
  readonly #streams: OpenStreams;
  readonly #isBatch: boolean;
  readonly #pending = new Map<RequestId, Cancellation>();
  readonly #answers: string[] = [];
  #stream: SseStream | undefined;
  #isQuiet = false;

  constructor(exchange: HttpExchange, accepted: Accepted, streams: OpenStreams, isBatch: boolean) {
    this.#exchange = exchange;
    this.#accepted = accepted;
    this.#streams = streams;
    this.#isBatch = isBatch;
    exchange.response.once('close', () => this.#close());
    if (!accepted.json) this.#openStream().keepAlive();
  }

  get hasBegun(): boolean {
    return this.#stream !== undefined;
  }

  expect(id: RequestId, cancellation: Cancellation): void {
    this.#pending.set(id, cancellation);
  }

  async send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> {
    if (!this.#accepted.sse) return false;
    if (this.#exchange.response.writableEnded) return true;
    const stream = this.#openStream();
    const text = JSON.stringify(message);
    if (!isDroppable(message)) await stream.send(text);
    else {
      stream.offer(text);
      await stream.drained;
    }
    return true;
  }

  /** Nobody could come back: the stream is not kept. */
  async closeStream(): Promise<void> {}

  answer(id: RequestId, { text, status, headers }: Pick<Answer, 'text' | 'status' | 'headers'>): void {
    if (!this.#pending.delete(id)) return;
    const isLast = this.#pending.size === 0;
    if (this.#stream) {
      void this.#stream.send(text);
      if (isLast) this.#stream.end();
      return;
    }
    this.#answers.push(text);
    if (!isLast) return;
    if (this.#isBatch) sendJson(this.#exchange, 200, `[${this.#answers.join(',')}]`);
    else sendJson(this.#exchange, status, text, headers);
  }

  /** The second time it is called, what has been quiet since the first becomes a stream. */
  keepAlive(): void {
    if (this.#stream || !this.#accepted.sse || this.#pending.size === 0) return;
    if (this.#isQuiet) this.#openStream().keepAlive();
    this.#isQuiet = true;
  }

  abandon(error: McpError, status: number): void {
    for (const [id, cancellation] of this.#pending) {
      cancellation.cancel(error.message);
      this.answer(id, { text: errorResponse(id, error.toJSON()), status });
    }
  }

  #openStream(): SseStream {
    if (!this.#stream) {
      this.#stream = this.#streams.open(this.#exchange.response, () =>
        this.abandon(credentialsExpired(), 401),
      );
      for (const text of this.#answers.splice(0)) void this.#stream.send(text);
    }
    return this.#stream;
  }

  #close(): void {
    for (const cancellation of this.#pending.values())
      cancellation.cancel('The client closed the connection');
  }
}
