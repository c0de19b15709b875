import type { ClientRequestAdapter } from '../../adapters/client-request.adapter.js';
import { McpClientAnswerError } from '../../asking/client-answer.error.js';
import type { Call } from '../../calls/call.js';
import type { CallOrigin } from '../../calls/create-call.js';
import { toMcpError } from '../../calls/failure.js';
import { errorResponse, type JsonRpcRequest, type RequestId } from '../../protocol/json-rpc.js';
import { invalidRequest, McpError, McpErrorCode } from '../../protocol/mcp.error.js';
import type { McpServer } from '../../server/mcp.server.js';
import type { Subscription, SubscriptionFilter } from '../../subscriptions/subscription.js';
import type { Subscriptions } from '../../subscriptions/subscriptions.js';
import type { InFlight } from '../in-flight.js';
import type { LineWriter } from './line-writer.js';
import { RunningRequest } from './running-request.js';

/** Dependencies of the requests of a pipe. */
export interface PipeRequestsDeps {
  readonly server: McpServer;
  readonly writer: LineWriter;
  readonly inFlight: InFlight;
  readonly subscriptions: Subscriptions;
  /** Facts about the client at the other end of the pipe. */
  readonly origin: CallOrigin;
  readonly isClosing: () => boolean;
}

/** Makes the call of a request, by the rules of its era. */
type CreateCall = (request: JsonRpcRequest, origin: CallOrigin) => Call;

/** Most handlers that may run for one pipe, whether their client still waits for them or not. */
const MAX_RUNNING = 1_000;

/** Requests of one client, of either era, that have not been answered: told apart by their ids. */
export class PipeRequests {
  readonly #open = new Map<RequestId, RunningRequest | { cancel(reason: string): void }>();
  #canAsk = true;

  constructor(private readonly deps: PipeRequestsDeps) {}

  /** Runs requests side by side. Those of a batch are answered together. */
  serve(requests: readonly JsonRpcRequest[], create: CreateCall, isBatch = false): void {
    const { server, writer, inFlight, origin } = this.deps;
    const refusal = this.#refusalOf(requests);
    if (refusal) return this.#send(this.#refused(requests, refusal), isBatch);
    const answers: string[] = [];
    let left = requests.length;
    for (const request of requests) {
      const running = new RunningRequest(
        (outbound) => create(request, { ...origin, outbound }),
        writer,
        () => this.#canAsk,
      );
      this.#open.set(request.id, running);
      const done = inFlight.add(running);
      const onAnswer = (text: string | undefined) => {
        this.#open.delete(request.id);
        if (text !== undefined) answers.push(text);
        if (--left === 0) this.#send(answers, isBatch);
      };
      void running.run(server, onAnswer).finally(done);
    }
  }

  /** Serves `subscriptions/listen`. */
  listen(call: Call): void {
    const { request } = call;
    const refusal = this.#refusalOf([request]);
    if (refusal) return this.#send(this.#refused([request], refusal), false);
    let isCancelled = false;
    const cancel = () => {
      isCancelled = true;
      this.#open.delete(request.id);
    };
    this.#open.set(request.id, { cancel });
    void this.#filterOf(call).then((filter) => {
      if (isCancelled) return;
      this.#open.delete(request.id);
      this.#begin(call, filter);
    });
  }

  #begin(call: Call, filter: SubscriptionFilter | McpError): void {
    const { request } = call;
    const { subscriptions, writer } = this.deps;
    const refusal = filter instanceof McpError ? filter : this.#refusalOf([request]);
    if (refusal || filter instanceof McpError)
      return this.#send(this.#refused([request], refusal as McpError), false);
    if (!subscriptions.hasRoom(call)) {
      const full = new McpError(McpErrorCode.InternalError, 'There is no room for another subscription');
      return this.#send(this.#refused([request], full), false);
    }
    const leave = () => {
      this.#open.delete(request.id);
      subscriptions.leave(subscription);
    };
    const subscription: Subscription = subscriptions.open(call, filter, {
      send: (text) => writer.send(text),
      offer: (text) => writer.offer(text),
      get drained() {
        return writer.drained;
      },
      // Deferred: a caller that ends all subscriptions is still iterating over them.
      end: () => queueMicrotask(leave),
    });
    this.#open.set(request.id, { cancel: leave });
  }

  async #filterOf(call: Call): Promise<SubscriptionFilter | McpError> {
    const { server, subscriptions } = this.deps;
    try {
      return await subscriptions.filterOf(call);
    } catch (error) {
      return toMcpError(error, call.request.method, server.parts.logger);
    }
  }

  /** Cancels a request that gets no answer, as its client asked. */
  cancel(id: RequestId, reason: string): void {
    this.#open.get(id)?.cancel(reason);
  }

  /** Does the same to all requests of a session. */
  cancelOf(sessionId: string, reason: string): void {
    for (const request of [...this.#running()]) if (request.sessionId === sessionId) request.cancel(reason);
  }

  /** Notifies handlers that wait for the client that there will be no answer any more. */
  stopAsking(adapter: ClientRequestAdapter): void {
    this.#canAsk = false;
    for (const { sessionId, questions } of this.#running()) {
      for (const id of questions) {
        const gone = new McpClientAnswerError('The client has gone');
        adapter.rejectPending(sessionId, id, gone).catch(() => false);
      }
    }
  }

  *#running(): Generator<RunningRequest> {
    for (const request of this.#open.values()) if (request instanceof RunningRequest) yield request;
  }

  /** Why requests cannot be served now. */
  #refusalOf(requests: readonly JsonRpcRequest[]): McpError | undefined {
    if (this.deps.isClosing()) return shuttingDown();
    if (requests.some(({ id }) => this.#open.has(id))) {
      return invalidRequest('A request of this id is running already');
    }
    if (this.deps.inFlight.size + requests.length <= MAX_RUNNING) return undefined;
    return new McpError(McpErrorCode.InternalError, 'Too many requests are running already');
  }

  /** An id that is in use is left out: its error would pass for the answer of the request that runs. */
  #refused(requests: readonly JsonRpcRequest[], error: McpError): string[] {
    return requests.map(({ id }) => errorResponse(this.#open.has(id) ? null : id, error.toJSON()));
  }

  #send(answers: readonly string[], isBatch: boolean): void {
    if (answers.length === 0) return;
    void this.deps.writer.send(isBatch ? `[${answers.join(',')}]` : answers.join(''));
  }
}

/** Error of whatever comes too late. */
export function shuttingDown(): McpError {
  return new McpError(McpErrorCode.InternalError, 'The server is shutting down');
}
