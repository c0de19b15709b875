import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { ClientRequestAdapter, PendingRequest } from '../adapters/client-request.adapter.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { CallListener, Outcome } from '../calls/call.js';
import type {
  Delivery,
  OnRetryEnded,
  ParkedWait,
  Place,
  Relay,
  RemoteCall,
  RemoteListener,
  Retry,
  RetryEnding,
} from './relay.js';

/** Silence after which one instance takes the other for dead: longer than the restart of a store. */
const LOST_AFTER_MS = 8_000;

/** Time between two signs of life. */
const ALIVE_EVERY_MS = 2_000;

/** Between two attempts to listen while the store is away. */
const LISTEN_AGAIN_MS = 100;

/**
 * Relay of adapters that have nothing but pending requests: each message between instances is the answer to a pending
 * request of its own, numbered where there are several.
 */
export class PendingsRelay implements Relay {
  constructor(
    private readonly adapter: ClientRequestAdapter,
    /** Milliseconds that a cancellation is waited for. */
    private readonly cancelTimeoutMs: number,
  ) {}

  park({ id, round }: Place, timeoutMs: number): ParkedWait {
    return new Wait(this.adapter, id, retryKey(round), timeoutMs);
  }

  call(place: Place, retry: Retry): RemoteCall {
    return new PendingsCall(this.adapter, place, retry);
  }

  /** Listener for a retry that came from elsewhere. Of its instance nothing is heard again once that is lost. */
  listener(conversationId: string, retry: Retry, onEnded: OnRetryEnded): RemoteListener {
    const cancelled = new Wait(this.adapter, conversationId, cancelKey(retry.channel), this.cancelTimeoutMs);
    return new PendingsListener(this.adapter, cancelled, retry, onEnded);
  }
}

/** Pending request of the adapter that stands for a message between instances. */
class Wait implements ParkedWait {
  readonly promise: Promise<unknown>;
  readonly ready: Promise<void>;
  #isOver = false;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly owner: string,
    private readonly id: RequestId,
    timeoutMs: number,
  ) {
    const { promise, ready } = createPending(adapter, owner, id, timeoutMs);
    this.promise = promise;
    this.ready = Promise.resolve(ready);
    const onOver = () => void (this.#isOver = true);
    this.promise.then(onOver, onOver);
    this.ready.catch(() => {});
  }

  /** Frees it. What cannot be freed now is when its time is over. */
  async end(reason: string): Promise<void> {
    // An entry can be removed only once it exists.
    await this.ready.catch(() => {});
    if (this.#isOver) return;
    await this.adapter.rejectPending(this.owner, this.id, new Error(reason)).catch(() => false);
  }
}

/** An adapter that is away may throw: its wait fails like one that rejects. */
function createPending(
  adapter: ClientRequestAdapter,
  ...[owner, id, timeoutMs]: [string, RequestId, number]
): PendingRequest {
  try {
    return adapter.createPending(owner, id, { timeoutMs });
  } catch (error) {
    const failed = new Promise<never>(() => {
      throw error;
    });
    return { promise: failed, ready: failed };
  }
}

/** Delivers one by one. */
class PendingsListener implements RemoteListener {
  readonly #alive: NodeJS.Timeout;
  #sequence = 0;
  #isSettled = false;
  #isLost = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly cancelled: Wait,
    private readonly retry: Retry,
    private readonly onEnded: OnRetryEnded,
  ) {
    this.cancelled.promise.then(
      () => this.#lose(),
      () => {},
    );
    this.#alive = setInterval(() => void this.#deliver({}), ALIVE_EVERY_MS).unref();
  }

  progressToken(): RequestId | undefined {
    return this.retry.progressToken ?? undefined;
  }

  logLevel(): McpLogLevel | undefined {
    return this.retry.logLevel ?? undefined;
  }

  readonly outbound = {
    send: async (message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> => {
      await this.#deliver({ message });
      return true;
    },
    closeStream: () => Promise.resolve(),
  };

  async settle(outcome: Outcome): Promise<void> {
    await this.#deliverLast({ outcome });
    if (!this.#isLost) this.onEnded('answered');
  }

  refuse(): void {
    void this.#deliverLast({ isGone: true });
  }

  /** Ends delivery: no listener is left. */
  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearInterval(this.#alive);
    this.onEnded('left');
  }

  #deliverLast(delivery: Delivery): Promise<void> {
    const delivered = this.#deliver(delivery);
    this.#isSettled = true;
    clearInterval(this.#alive);
    void this.cancelled.end('The request is answered');
    return delivered;
  }

  #deliver(delivery: Delivery): Promise<void> {
    if (this.#isSettled) return this.#queue;
    const sequence = this.#sequence++;
    this.#queue = this.#queue.then(() => this.#push(sequence, delivery));
    return this.#queue;
  }

  async #push(sequence: number, delivery: Delivery): Promise<void> {
    if (this.#isLost) return;
    const { adapter, retry } = this;
    const isGone = () => this.#isLost;
    if (await deliver(adapter, retry.channel, sequence, delivery, isGone).catch(() => false)) return;
    this.#lose();
  }
}

/** Delivers a value to its receiver, which may be about to wait. @returns `false` where none does within `LOST_AFTER_MS` */
async function deliver(
  adapter: ClientRequestAdapter,
  channel: string,
  id: RequestId,
  value: unknown,
  isGone: () => boolean = () => false,
): Promise<boolean> {
  const deadline = Date.now() + LOST_AFTER_MS;
  for (let pauseMs = 1; Date.now() < deadline && !isGone(); pauseMs = Math.min(pauseMs * 2, 100)) {
    if (await taken(adapter, channel, id, value)) return true;
    await delay(pauseMs, undefined, { ref: false });
  }
  return false;
}

/** `false`, too, while the store is unavailable. */
async function taken(
  adapter: ClientRequestAdapter,
  channel: string,
  id: RequestId,
  value: unknown,
): Promise<boolean> {
  try {
    return await adapter.resolvePending(channel, id, value);
  } catch (error) {
    if (error instanceof AdapterUnavailableError) return false;
    throw error;
  }
}

/** Receives one by one. */
class PendingsCall implements RemoteCall {
  #sequence = 0;
  #next: Wait;
  #isOver = false;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly place: Place,
    private readonly retry: Retry,
  ) {
    this.#next = this.#listen();
  }

  begin(): Promise<boolean> {
    return this.adapter.resolvePending(this.place.id, retryKey(this.place.round), this.retry);
  }

  async outcome(listener: CallListener): Promise<Outcome> {
    for (;;) {
      const { message, outcome, isGone } = await this.#delivery();
      if (outcome) return outcome;
      if (isGone) throw new Error('The call is gone');
      this.#sequence++;
      this.#next = this.#listen();
      if (message) await listener.outbound?.send(message);
    }
  }

  /** Waits again when the store was unavailable: the other instance retries, too. */
  async #delivery(): Promise<Delivery> {
    const deadline = Date.now() + LOST_AFTER_MS;
    for (;;) {
      try {
        return (await this.#next.promise) as Delivery;
      } catch (error) {
        const isTransient = error instanceof AdapterUnavailableError && Date.now() < deadline;
        if (!isTransient || this.#isOver) throw error;
        await delay(LISTEN_AGAIN_MS, undefined, { ref: false });
        this.#next = this.#listen();
      }
    }
  }

  end(ending: RetryEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (ending === 'left') {
      void deliver(this.adapter, this.place.id, cancelKey(this.retry.channel), null).catch(() => false);
    }
    void this.#next.end('The retry is over');
  }

  #listen(): Wait {
    return new Wait(this.adapter, this.retry.channel, this.#sequence, LOST_AFTER_MS);
  }
}

function retryKey(round: number): string {
  return `retry:${round}`;
}

function cancelKey(channel: string): string {
  return `cancel:${channel}`;
}
