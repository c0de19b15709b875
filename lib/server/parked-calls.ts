import { randomUUID } from 'node:crypto';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import { SharedPlaces } from '../collections/shared-places.js';
import type { JsonRpcErrorObject } from '../protocol/json-rpc.js';
import type { Conversation } from './conversation.js';
import {
  deliver,
  RemoteCall,
  RemoteExchange,
  Wait,
  type Exchange,
  type Outcome,
  type Retry,
} from './exchange.js';
import { RetryLaterError } from './retry-later.error.js';
import type { Line, RequestContext } from './request-context.js';

/** What calls are parked with. */
export interface Parking {
  readonly adapter: ClientRequestAdapter;
  readonly maxParkedCalls: number;
  readonly parkTimeoutMs: number;
  /** Announces work that a shutdown waits for, and what gives it up; returns what to call when it is done. */
  readonly attend: (giveUp: (error: JsonRpcErrorObject) => void) => () => void;
  readonly onError: (error: unknown) => void;
}

/** Where a call is parked, and for its how many-th request. */
export interface Place {
  readonly id: string;
  readonly round: number;
}

/** A request for a parked call, and whether its client still waits. */
interface Arrived {
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  /** The call is gone. */
  readonly refuse: () => void;
}

/** Running handlers that wait for the next request of their client, at whichever instance that arrives. */
export class ParkedCalls {
  readonly #parking: Parking;
  readonly #places: SharedPlaces<Conversation>;
  readonly #parked = new Map<Conversation, Wait>();
  /** The requests that arrived here and that no instance has taken yet, by channel. */
  readonly #arrived = new Map<string, Arrived>();

  constructor(parking: Parking) {
    this.#parking = parking;
    this.#places = new SharedPlaces(parking.maxParkedCalls, (conversation) => {
      this.release(conversation);
      conversation.cancel(new Error('Others need the place of this call'));
    });
  }

  get size(): number {
    return this.#parked.size;
  }

  /** What the clients of parked calls have been asked. */
  get questionCount(): number {
    let count = 0;
    for (const conversation of this.#parked.keys()) count += conversation.questionCount;
    return count;
  }

  /** Resolves when the next request would find the call. Throws when there is no room for another one of `caller`. */
  async park(conversation: Conversation, { id, round }: Place, caller: string): Promise<void> {
    const { adapter, parkTimeoutMs, onError } = this.#parking;
    if (!this.#places.take(caller, conversation)) {
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

  /** The call does not wait any more. */
  release(conversation: Conversation): void {
    const wait = this.#parked.get(conversation);
    this.#forget(conversation);
    void wait?.end(new Error('The call has come to its end'));
  }

  /** Hands a request to the call that waits for it, and waits for the outcome; `undefined` if the call is gone. */
  async goOn(
    call: RequestContext,
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
      const exchange = { ...lineOf(call), settle };
      this.#arrived.set(channel, { exchange, signal, refuse: () => settle(undefined) });
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

  /** Gives up the calls that nobody hears of now. What is being asked at this moment is still asked. */
  close(): void {
    for (const conversation of [...this.#parked.keys()].filter(({ isHeard }) => !isHeard)) {
      this.release(conversation);
      conversation.cancel(new Error('The server is shutting down'));
    }
  }

  /** The outcome of a call that another instance runs; `undefined` if nothing is heard of it any more. */
  async #elsewhere(remote: RemoteCall, call: RequestContext, channel: string): Promise<Outcome | undefined> {
    try {
      return await remote.outcome(call);
    } catch {
      // Taken here, the call has no need of the channel.
      if (!this.#arrived.has(channel)) return new Promise(() => {});
      call.cancellation.signal.throwIfAborted();
      return undefined;
    }
  }

  #receive(conversation: Conversation, retry: Retry): void {
    const isParked = this.#forget(conversation);
    const arrived = this.#arrived.get(retry.channel);
    this.#arrived.delete(retry.channel);
    // The call was given up, and this request came before the adapter knew.
    if (!isParked) return (arrived ?? new RemoteExchange(this.#parking.adapter, retry, () => {})).refuse();
    const stop = () => conversation.cancel(new Error('The client closed the connection'));
    arrived?.signal.addEventListener('abort', stop);
    if (arrived?.signal.aborted) stop();
    conversation.attach(arrived?.exchange ?? this.#connect(conversation, retry, stop));
    conversation.answer(retry.answers);
  }

  /** The request that another instance serves. */
  #connect(conversation: Conversation, retry: Retry, stop: () => void): Exchange {
    const { adapter, parkTimeoutMs, attend } = this.#parking;
    const exchange = new RemoteExchange(adapter, retry, stop);
    const cancelled = new Wait(adapter, conversation.id, cancelKey(retry.channel), parkTimeoutMs);
    const onGone = () => {
      exchange.lose();
      stop();
    };
    cancelled.promise.then(onGone, () => {});
    const settle = async (outcome: Outcome) => {
      void cancelled.end(new Error('The request is answered'));
      await exchange.settle(outcome);
      done();
    };
    const done = attend((error) => {
      conversation.cancel(new Error(error.message));
      void settle({ error });
    });
    return { ...lineOf(exchange), settle };
  }

  #expire(conversation: Conversation, reason: Error): void {
    this.#forget(conversation);
    conversation.cancel(reason);
  }

  #forget(conversation: Conversation): boolean {
    this.#places.leave(conversation);
    return this.#parked.delete(conversation);
  }
}

/** The way to the client through a request. */
function lineOf(line: Line): Line {
  return {
    progressToken: () => line.progressToken(),
    logLevel: () => line.logLevel(),
    outbound: line.outbound,
  };
}

function retryKey(round: number): string {
  return `retry:${round}`;
}

function cancelKey(channel: string): string {
  return `cancel:${channel}`;
}
