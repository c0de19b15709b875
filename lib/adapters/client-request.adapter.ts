import type { RequestId } from '../protocol/json-rpc.js';
import type { InstanceInbox } from './store/instance-inbox.js';

/**
 * A question that waits for its answer.
 *
 * @publicApi
 */
export interface PendingRequest {
  /**
   * Settles once: with the response given to `resolvePending`, or by rejecting with the reason given to
   * `rejectPending`, or with an error when the time is over.
   */
  readonly promise: Promise<unknown>;

  /**
   * Resolves when an answer that reaches any instance from now on will be delivered. The question is sent after it.
   * @default at once
   */
  readonly ready?: Promise<void>;
}

/**
 * Keeps the requests that *this server sent to a client* and whose answers may arrive at any instance, at any time.
 * (What the specification's schema calls `ClientRequest` is the opposite direction.) Also the token it is injected by.
 *
 * A request is known by the session it belongs to and its id; `sessionId` is `undefined` for requests outside a
 * session. An adapter only keeps and delivers: ids, timeouts and who may answer are the server's business.
 *
 * Prove an implementation with `clientRequestAdapterContract` of `nestjs-mcp-adapters/testing`.
 *
 * @publicApi
 */
export abstract class ClientRequestAdapter {
  /** True if other processes may use the same store. Servers that share one must share their secrets too. */
  readonly isShared: boolean = true;

  /** Milliseconds a question waits when the caller does not say. */
  readonly defaultTimeoutMs: number = 30_000;

  /**
   * Inbox of this instance, where the adapter has one: parked calls then use it in place of pending requests.
   * @internal
   */
  get inbox(): InstanceInbox | undefined {
    return undefined;
  }

  /**
   * Begins to wait. If the same request waits already, the older wait is rejected. `timeoutMs` is how long the store
   * has to keep the entry; when it is over the promise rejects and nothing is left of it.
   */
  abstract createPending(
    sessionId: string | undefined,
    requestId: RequestId,
    options: { readonly timeoutMs: number },
  ): PendingRequest;

  /**
   * Delivers an answer to the caller that waits for it, on any instance.
   *
   * @returns `true` if a caller was waiting; of several answers to one request exactly one gets `true`
   */
  abstract resolvePending(
    sessionId: string | undefined,
    requestId: RequestId,
    response: unknown,
  ): Promise<boolean>;

  /** Ends the wait with an error. @returns `true` if a caller was waiting */
  abstract rejectPending(
    sessionId: string | undefined,
    requestId: RequestId,
    reason: unknown,
  ): Promise<boolean>;

  /**
   * Resolves if the store can be reached now, else rejects with the reason. By default it ends the wait for a question
   * that was never asked.
   */
  async ping(): Promise<void> {
    await this.rejectPending(undefined, `ping ${crypto.randomUUID()}`, new Error('Nobody has asked this'));
  }

  /** Frees what the adapter itself opened. Called once, when the application closes. */
  async close(): Promise<void> {}
}
