import { randomUUID } from 'node:crypto';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { SharedPlaces } from '../collections/shared-places.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import type { Call, CallListener, Outcome, Settle } from '../calls/call.js';
import { callerKey } from '../calls/caller-key.js';
import { Conversation } from './conversation.js';
import { deliver, RemoteCall, RemoteListener, Wait, type Retry } from './remote-call.js';
import { RetryLaterError } from '../calls/retry-later.error.js';

/** Dependencies and limits of parked calls. */
export interface Parking {
  readonly adapter: ClientRequestAdapter;
  readonly parkedCalls: number;
  /** Milliseconds that a call waits for its next request. */
  readonly parkTimeoutMs: number;
  /** Makes a shutdown wait for work, or give it up by calling `giveUp`. @returns what to call when the work is done */
  readonly trackWork: (giveUp: (error: JsonRpcErrorObject) => void) => () => void;
  readonly onError: (error: unknown) => void;
}

/** Address of a parked call, and the ordinal number of the request it waits for. */
export interface Place {
  readonly id: string;
  readonly round: number;
}

/** Conversation whose handler waits between its requests. */
export class ParkedConversation extends Conversation {
  readonly id = randomUUID();
  /** Number of requests it has been parked for. */
  round = 0;
  /** Holder of its place. Known while the first request is there: of a connection that is gone there is no address. */
  readonly caller = callerKey(this.call);

  override get hasAsked(): boolean {
    return this.round > 0 || super.hasAsked;
  }
}

/** Request that arrived here for a parked call, until the instance that runs the call takes it. */
interface Arrived {
  readonly listener: CallListener;
  readonly signal: AbortSignal;
  readonly settle: Settle;
  /** The call is gone. */
  readonly refuse: () => void;
}

/** Running handlers that wait for the next request of their client, at whichever instance that arrives. */
export class ParkedCalls {
  readonly #parking: Parking;
  readonly #places: SharedPlaces<ParkedConversation>;
  readonly #parked = new Map<ParkedConversation, Wait>();
  /** By channel. */
  readonly #arrived = new Map<string, Arrived>();

  constructor(parking: Parking) {
    this.#parking = parking;
    this.#places = new SharedPlaces(parking.parkedCalls, (conversation) => {
      this.release(conversation);
      conversation.cancel(new Error('Others need the place of this call'));
    });
  }

  get size(): number {
    return this.#parked.size;
  }

  /** Questions that the clients of parked calls have been asked. */
  get questionCount(): number {
    let count = 0;
    for (const conversation of this.#parked.keys()) count += conversation.questionCount;
    return count;
  }

  /** Resolves when the next request would find the call. Throws when its caller has no room for another one. */
  async park(conversation: ParkedConversation, { id, round }: Place): Promise<void> {
    const { adapter, parkTimeoutMs, onError } = this.#parking;
    if (!this.#places.take(conversation.caller, conversation)) {
      throw new RetryLaterError('Too many calls wait for their clients; try again later');
    }
    const wait = new Wait(adapter, id, retryKey(round), parkTimeoutMs);
    this.#parked.set(conversation, wait);
    try {
      await wait.ready;
    } catch (error) {
      this.release(conversation);
      throw error;
    }
    wait.promise
      .then(
        (retry) => this.#receive(conversation, retry as Retry),
        (reason: unknown) => this.#expire(conversation, reason as Error),
      )
      .catch(onError);
  }

  /** Frees the place of a call that does not wait any more. */
  release(conversation: ParkedConversation): void {
    const wait = this.#parked.get(conversation);
    this.#forget(conversation);
    void wait?.end(new Error('The call has come to its end'));
  }

  /** Hands a request to the call that waits for it, and waits for the outcome; `undefined` if the call is gone. */
  async goOn(
    call: Call,
    { id, round }: Place,
    answers: Readonly<Record<string, unknown>>,
  ): Promise<Outcome | undefined> {
    const { adapter } = this.#parking;
    const progressToken = call.progressToken() ?? null;
    const logLevel = (await call.logLevel()) ?? null;
    const channel = randomUUID();
    const remote = new RemoteCall(adapter, channel);
    const { signal } = call.cancellation;
    const here = new Promise<Outcome | undefined>((settle) => {
      this.#arrived.set(channel, { listener: call, signal, settle, refuse: () => settle(undefined) });
    });
    const onGone = () => {
      if (!this.#arrived.has(channel)) return;
      void deliver(adapter, id, cancelKey(channel), null).catch(() => false);
      void remote.end();
    };
    try {
      const retry: Retry = { channel, answers, progressToken, logLevel };
      if (!(await adapter.resolvePending(id, retryKey(round), retry))) return undefined;
      signal.addEventListener('abort', onGone);
      if (signal.aborted) onGone();
      return await Promise.race([here, this.#elsewhere(remote, call, channel)]);
    } finally {
      signal.removeEventListener('abort', onGone);
      this.#arrived.delete(channel);
      void remote.end();
    }
  }

  /** Cancels the calls that no request hears of now. What is being asked at this moment is still asked. */
  close(): void {
    for (const conversation of [...this.#parked.keys()].filter(({ call }) => !call.isHeard)) {
      this.release(conversation);
      conversation.cancel(new Error('The server is shutting down'));
    }
  }

  /** The outcome of a call that another instance runs; `undefined` if nothing is heard of it any more. */
  async #elsewhere(remote: RemoteCall, call: Call, channel: string): Promise<Outcome | undefined> {
    try {
      return await remote.outcome(call);
    } catch {
      // Taken here, the call has no need of the channel.
      if (!this.#arrived.has(channel)) return new Promise(() => {});
      call.cancellation.signal.throwIfAborted();
      return undefined;
    }
  }

  #receive(conversation: ParkedConversation, retry: Retry): void {
    const isParked = this.#forget(conversation);
    const arrived = this.#arrived.get(retry.channel);
    this.#arrived.delete(retry.channel);
    // The call was given up, and this request came before the adapter knew.
    if (!isParked) return (arrived ?? new RemoteListener(this.#parking.adapter, retry, () => {})).refuse();
    const stop = () => conversation.cancel(new Error('The client closed the connection'));
    if (!arrived) return this.#resumeElsewhere(conversation, retry, stop);
    arrived.signal.addEventListener('abort', stop);
    if (arrived.signal.aborted) stop();
    conversation.resume(arrived.listener, arrived.settle, retry.answers);
  }

  /** Goes on with a request that another instance serves. */
  #resumeElsewhere(conversation: ParkedConversation, retry: Retry, stop: () => void): void {
    const { adapter, parkTimeoutMs, trackWork } = this.#parking;
    const listener = new RemoteListener(adapter, retry, stop);
    const cancelled = new Wait(adapter, conversation.id, cancelKey(retry.channel), parkTimeoutMs);
    const onGone = () => {
      listener.lose();
      stop();
    };
    cancelled.promise.then(onGone, () => {});
    const settle = async (outcome: Outcome) => {
      void cancelled.end(new Error('The request is answered'));
      await listener.settle(outcome);
      done();
    };
    const done = trackWork((error) => {
      conversation.cancel(new Error(error.message));
      void settle({ error });
    });
    conversation.resume(listener, settle, retry.answers);
  }

  #expire(conversation: ParkedConversation, reason: Error): void {
    this.#forget(conversation);
    conversation.cancel(reason);
  }

  #forget(conversation: ParkedConversation): boolean {
    this.#places.leave(conversation);
    return this.#parked.delete(conversation);
  }
}

function retryKey(round: number): string {
  return `retry:${round}`;
}

function cancelKey(channel: string): string {
  return `cancel:${channel}`;
}
