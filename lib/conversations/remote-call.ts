import { setTimeout as delay } from 'node:timers/promises';
import { AdapterUnavailableError } from '../adapters/adapter-unavailable.error.js';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { CallListener, Outcome } from '../calls/call.js';

/** Retry of a parked call, on its way from the instance that received it to the one that runs the call. Plain JSON. */
export interface Retry {
  readonly channel: string;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly progressToken: RequestId | null;
  readonly logLevel: McpLogLevel | null;
}

interface Delivery {
  readonly message?: JsonRpcNotification | JsonRpcRequest;
  readonly outcome?: Outcome;
  /** The call is not there any more. */
  readonly isGone?: true;
}

/** Silence after which one instance takes the other for dead: longer than the restart of a store. */
const LOST_AFTER_MS = 8_000;
const ALIVE_EVERY_MS = 2_000;

/** Between two attempts to listen while the store is away. */
const LISTEN_AGAIN_MS = 100;

/** Pending request of the adapter that stands for a message between instances. */
export class Wait {
  readonly promise: Promise<unknown>;
  readonly ready: Promise<void>;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly owner: string,
    private readonly id: RequestId,
    timeoutMs: number,
  ) {
    const { promise, ready } = adapter.createPending(owner, id, { timeoutMs });
    this.promise = promise;
    this.ready = Promise.resolve(ready);
    this.promise.catch(() => {});
    this.ready.catch(() => {});
  }

  /** Frees it. What cannot be freed now is when its time is over. */
  async end(reason: Error): Promise<void> {
    // An entry can be removed only once it exists.
    await this.ready.catch(() => {});
    await this.adapter.rejectPending(this.owner, this.id, reason).catch(() => false);
  }
}

/** The running side of a retry that another instance serves: deliveries travel through the adapter, one by one. */
export class RemoteListener implements CallListener {
  readonly #alive: NodeJS.Timeout;
  #sequence = 0;
  #isSettled = false;
  #isLost = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly retry: Retry,
    private readonly onLost: () => void,
  ) {
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

  /** Resolves when the other instance has it, or is lost. */
  settle(outcome: Outcome): Promise<void> {
    return this.#deliverLast({ outcome });
  }

  /** The call is gone. */
  refuse(): void {
    void this.#deliverLast({ isGone: true });
  }

  /** Ends delivery: no listener is left. */
  lose(): void {
    this.#isLost = true;
    clearInterval(this.#alive);
  }

  #deliverLast(delivery: Delivery): Promise<void> {
    const delivered = this.#deliver(delivery);
    this.#isSettled = true;
    clearInterval(this.#alive);
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
    this.lose();
    this.onLost();
  }
}

/** Delivers a value to its receiver, which may be about to wait. @returns `false` where none does within `LOST_AFTER_MS` */
export async function deliver(
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

/** The serving side of a retry whose call may run at another instance. */
export class RemoteCall {
  #sequence = 0;
  #next: Wait;
  #isOver = false;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly channel: string,
  ) {
    this.#next = this.#listen();
  }

  /** Passes messages on until the outcome comes. Rejects when the call is gone, or nothing is heard of the other instance any more. */
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

  /** Stops listening. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.#next.end(new Error('The retry is over'));
  }

  #listen(): Wait {
    return new Wait(this.adapter, this.channel, this.#sequence, LOST_AFTER_MS);
  }
}
