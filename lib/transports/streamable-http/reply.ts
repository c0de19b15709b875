import { CallHttp } from '../../calls/call-response.js';
import type { Call, Outbound } from '../../calls/call.js';
import type { CallOrigin } from '../../calls/create-call.js';
import {
  errorResponse,
  messageText,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../../protocol/json-rpc.js';
import { invalidRequest, type McpError } from '../../protocol/mcp.error.js';
import type { Answer, McpServer } from '../../server/mcp.server.js';
import { isDroppable } from '../backlog.js';
import { sendAccepted, sendJson, type AdmittedRequest } from './http/http-exchange.js';
import type { InFlight } from '../in-flight.js';
import type { OpenStreams } from './http/open-streams.js';
import type { SseStream } from './http/sse-stream.js';

/** Makes the call of a request, by the rules of its era. */
export type CreateCall = (request: JsonRpcRequest, origin: CallOrigin) => Call;

/** Dependencies of whatever answers a POST. */
export interface ReplyDeps {
  readonly server: McpServer;
  readonly streams: OpenStreams;
  readonly inFlight: InFlight;
}

type Answered = Pick<Answer, 'text' | 'status' | 'headers'>;

/** Facts of a request whose messages go to `outbound`. Without it, nothing is said before the answer. */
export function originOf(
  { principal, exchange: { platform } }: AdmittedRequest,
  server: McpServer,
  outbound?: Outbound,
): CallOrigin {
  const { handles } = server.parts;
  return { principal, http: new CallHttp(platform.request, platform.response), outbound, handles };
}

/** Response to one POST: JSON if nothing comes before the last answer, else a stream that ends with it. */
export abstract class Reply implements Outbound {
  /** Calls that are not answered yet. Mostly there is one: a Map would cost more than all that is done with it. */
  protected pending: readonly Call[] = [];
  /** Answers that are ready while others are not and no stream has begun. */
  protected readonly answers: string[] = [];
  #isQuiet = false;

  constructor(
    protected readonly request: AdmittedRequest,
    protected readonly isBatch: boolean,
    protected readonly deps: ReplyDeps,
  ) {}

  /** True once a stream has begun. */
  abstract get hasBegun(): boolean;

  abstract send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> | boolean;

  abstract closeStream(retryMs: number): Promise<void>;

  /** Begins a stream that has nothing to say yet. */
  protected abstract begin(): void;

  /** Puts an answer on the stream that has begun, and ends it behind the last. */
  protected abstract say(answer: string, isLast: boolean): void;

  /** Serves requests side by side and answers each; resolves when all are answered. */
  async serve(requests: readonly JsonRpcRequest[], create: CreateCall): Promise<void> {
    const { server, inFlight } = this.deps;
    const { response } = this.request.exchange;
    // The client may have left while guards or the body took their time: no event would tell of it again.
    if (response.destroyed) return;
    response.on('close', () => this.disconnected());
    if (!this.request.accepted.json) this.begin();
    const calls = requests.map((request) => create(request, originOf(this.request, server, this)));
    this.pending = calls;
    const done = inFlight.add(this);
    try {
      const [only] = calls;
      if (only && calls.length === 1) {
        const answer = await server.answer(only);
        const headers = only.http?.writtenHeaders;
        this.answer(only.request.id, headers ? { ...answer, headers } : answer);
      } else
        await Promise.all(calls.map(async (call) => this.answer(call.request.id, await server.answer(call))));
    } finally {
      for (const { http } of calls) http?.finish();
      done();
    }
  }

  /** Turns into a stream what has been quiet for a whole keep-alive period: called once in each. */
  keepAlive(): void {
    if (this.hasBegun || !this.request.accepted.sse || this.pending.length === 0) return;
    if (this.#isQuiet) this.begin();
    this.#isQuiet = true;
  }

  /** Gives up the requests that are not answered yet, and answers them with the error. */
  abandon(error: McpError, status: number): void {
    for (const { request, cancellation } of this.pending) {
      const { id } = request;
      cancellation.cancel(error.message);
      this.answer(id, { text: errorResponse(id, error.toJSON()), status });
    }
  }

  /** Takes a call off those that are not answered yet; `undefined` if it was taken before. */
  protected take(id: RequestId): Call | undefined {
    const taken = this.pending.find(({ request }) => request.id === id);
    if (taken) this.pending = this.pending.filter((call) => call !== taken);
    return taken;
  }

  /** Does nothing for a request that was dropped or answered before. */
  protected answer(id: RequestId, { text, status, headers }: Answered): void {
    if (!this.take(id)) return;
    const isLast = this.pending.length === 0;
    if (this.hasBegun) return this.say(text, isLast);
    this.answers.push(text);
    if (isLast) this.sendAnswers(status, headers);
  }

  protected sendAnswers(status: number, headers?: Answer['headers']): void {
    const { exchange } = this.request;
    const [answer] = this.answers;
    if (answer === undefined) return sendAccepted(exchange);
    if (!this.isBatch) return sendJson(exchange, status, answer, headers);
    sendJson(exchange, status === 404 ? status : 200, `[${this.answers.join(',')}]`);
  }

  /** Cancels the requests whose client has gone. */
  protected disconnected(): void {
    for (const { cancellation } of this.pending) cancellation.cancel('The client closed the connection');
  }
}

/** Response that lives and dies with its connection. */
export class PostReply extends Reply {
  #stream: SseStream | undefined;

  override get hasBegun(): boolean {
    return this.#stream !== undefined;
  }

  override send(message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> | boolean {
    if (!this.request.accepted.sse) return false;
    if (this.request.exchange.response.writableEnded) return true;
    const stream = this.#open();
    const text = messageText(message);
    if (isDroppable(message)) stream.offer(text);
    else void stream.send(text);
    return stream.drained?.then(() => true) ?? true;
  }

  /** Does nothing: there would be no coming back. */
  override async closeStream(): Promise<void> {}

  protected override begin(): void {
    this.#open().keepAlive();
  }

  protected override say(answer: string, isLast: boolean): void {
    const stream = this.#open();
    void stream.send(answer);
    if (isLast) stream.end();
  }

  #open(): SseStream {
    if (!this.#stream) {
      // Its client could not come back for the rest, and so is told why there is none.
      const expire = () => this.abandon(invalidRequest('The access token has expired'), 401);
      this.#stream = this.deps.streams.open(this.request.exchange.response, expire);
      for (const text of this.answers.splice(0)) void this.#stream.send(text);
    }
    return this.#stream;
  }
}
