import { randomUUID } from 'node:crypto';
import { MAX_DELAY_MS } from '../protocol/delays.js';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { ClientRequestTimeoutError } from '../adapters/client-request-timeout.error.js';
import {
  isObject,
  notification,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../protocol/json-rpc.js';
import { McpClientAnswerError } from '../asking/client-answer.error.js';
import type { Cancellation } from '../calls/cancellation.js';
import type { Question } from '../asking/question.js';
import { withTrace, type McpInstrumentation } from '../telemetry/instrumentation.js';

/** Takes a message to the client; `false` if the client cannot receive it. */
export type Send = (message: JsonRpcRequest | JsonRpcNotification) => Promise<boolean> | boolean;

/** Requests to legacy clients: sent on a stream, answered by a later POST, on any instance. */
export class ClientRequests {
  #waiting = 0;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly instrumentation?: McpInstrumentation,
  ) {}

  /** Questions that wait for an answer at this instance. */
  get size(): number {
    return this.#waiting;
  }

  /**
   * Sends a question and waits for its answer, until it comes, its time is over or the call is cancelled. One whose time is
   * over is withdrawn, and asked again as a new one as often as it says.
   */
  async ask(sessionId: string, question: Question, send: Send, cancellation: Cancellation): Promise<unknown> {
    for (let left = question.retries; ; left--) {
      try {
        return await this.#follow(sessionId, question, send, cancellation);
      } catch (error) {
        if (left <= 0 || cancellation.isCancelled || !(error instanceof ClientRequestTimeoutError))
          throw error;
      }
    }
  }

  #follow(sessionId: string, question: Question, send: Send, cancellation: Cancellation): Promise<unknown> {
    const { instrumentation } = this;
    if (!instrumentation) return this.#askOnce(sessionId, question, send, cancellation);
    return instrumentation.ask({ method: question.method, sessionId }, (carrier) =>
      this.#askOnce(
        sessionId,
        { ...question, params: withTrace(question.params, carrier) },
        send,
        cancellation,
      ),
    );
  }

  async #askOnce(
    sessionId: string,
    question: Question,
    send: Send,
    cancellation: Cancellation,
  ): Promise<unknown> {
    cancellation.throwIfCancelled();
    const id = randomUUID();
    const { method, params, timeoutMs = this.adapter.defaultTimeoutMs } = question;
    const askedAt = performance.now();
    const { promise, ready } = this.adapter.createPending(sessionId, id, { timeoutMs });
    let sending: Promise<boolean> | undefined;
    let isSent = false;
    const sendCancelled = async () => {
      try {
        await send(notification('notifications/cancelled', { requestId: id }));
      } catch {
        // The client gives up a question by itself, and may be gone.
      }
    };
    const withdraw = () => {
      // At once, so that it is on its way before whatever ends the stream of a cancelled request.
      if (isSent) return void sendCancelled();
      // A question that could not be sent is not withdrawn: the client has never heard of it.
      void sending?.then(
        (isTaken) => (isTaken ? sendCancelled() : undefined),
        () => {},
      );
    };
    // An adapter that watches the time itself has words of its own for it.
    const timed = promise.catch((reason: unknown) => {
      const isOver = performance.now() - askedAt >= timeoutMs - TIMER_SLACK_MS;
      throw isOver ? timedOut(timeoutMs, reason) : reason;
    });
    const wait = limit(timed, timeoutMs, cancellation, withdraw);
    this.#waiting++;
    try {
      await ready;
      cancellation.throwIfCancelled();
      sending = Promise.resolve(send({ jsonrpc: '2.0', id, method, params }));
      isSent = await sending;
      if (!isSent) throw new McpClientAnswerError('The client accepts no stream on which it could be asked');
      return readAnswer(await wait.answer);
    } catch (error) {
      await this.#forget(sessionId, id, error);
      throw error;
    } finally {
      this.#waiting--;
      wait.end();
    }
  }

  /** Removes the pending request. A failure is ignored: the entry expires, and the handler needs the reason it got no answer. */
  async #forget(sessionId: string, id: string, reason: unknown): Promise<void> {
    const forget = async () => this.adapter.rejectPending(sessionId, id, reason);
    await forget().catch(() => false);
  }

  /** Hands an answer to the pending request. @returns whether there is one */
  answer(sessionId: string, response: JsonRpcResponse): Promise<boolean> {
    return this.adapter.resolvePending(sessionId, response.id, response);
  }
}

/** Milliseconds by which a timer may fire too early. */
const TIMER_SLACK_MS = 2;

function timedOut(timeoutMs: number, cause?: unknown): ClientRequestTimeoutError {
  return new ClientRequestTimeoutError(`The client did not answer within ${timeoutMs} ms`, { cause });
}

/** Waits for an answer until it comes, or it will not any more, of which `onGivenUp` is told at once. */
function limit(
  promise: Promise<unknown>,
  timeoutMs: number,
  cancellation: Cancellation,
  onGivenUp: () => void,
) {
  let stopListening: () => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<unknown>((resolve, reject) => {
    let isOver = false;
    const giveUp = (reason: Error) => {
      if (isOver) return;
      isOver = true;
      onGivenUp();
      reject(reason);
    };
    stopListening = cancellation.onCancel(giveUp);
    timer = setTimeout(() => giveUp(timedOut(timeoutMs)), Math.min(timeoutMs, MAX_DELAY_MS));
    promise.then((response) => {
      isOver = true;
      resolve(response);
    }, giveUp);
  });
  // Sending may fail first; no caller awaits this promise then.
  answer.catch(() => {});
  return {
    answer,
    end() {
      clearTimeout(timer);
      stopListening();
    },
  };
}

function readAnswer(response: unknown): unknown {
  if (!isObject(response)) throw new McpClientAnswerError('The client sent no answer');
  const { error, result } = response;
  if (isObject(error)) {
    throw new McpClientAnswerError(String(error['message']), Number(error['code']), error['data']);
  }
  return result;
}
