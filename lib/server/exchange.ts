import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientRequestAdapter } from '../adapters/client-request.adapter.js';
import type { JsonRpcErrorObject, JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { LogLevel } from '../protocol/types/logging.js';
import type { Line } from './request-context.js';

/** How a request of a conversation ends: with the JSON of a result (final or a further question), or an error. */
export type Outcome = { readonly result: string } | { readonly error: JsonRpcErrorObject };

/** A request of a conversation that waits for its outcome, at this instance or another. */
export interface Exchange extends Line {
  settle(outcome: Outcome): void;
}

/** What an instance that received a retry tells the one that runs the call. Plain JSON. */
export interface Retry {
  readonly channel: string;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly progressToken: RequestId | null;
  readonly logLevel: LogLevel | null;
}

type Delivery = { readonly message: JsonRpcNotification | JsonRpcRequest } | { readonly outcome: Outcome };

/** How long one instance looks for the other before it takes it for dead. */
const LOST_AFTER_MS = 10_000;

/** The running side of a retry that another instance serves: deliveries travel through the adapter, one by one. */
export class RemoteExchange implements Exchange {
  #sequence = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly retry: Retry,
    private readonly onLost: () => void,
  ) {}

  progressToken(): RequestId | undefined {
    return this.retry.progressToken ?? undefined;
  }

  logLevel(): LogLevel | undefined {
    return this.retry.logLevel ?? undefined;
  }

  readonly outbound = {
    send: async (message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> => {
      await this.#deliver({ message });
      return true;
    },
    closeStream: () => Promise.resolve(),
  };

  settle(outcome: Outcome): void {
    void this.#deliver({ outcome });
  }

  #deliver(delivery: Delivery): Promise<void> {
    const sequence = this.#sequence++;
    const done = this.#queue.then(() => this.#push(sequence, delivery));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #push(sequence: number, delivery: Delivery): Promise<void> {
    if (!(await deliver(this.adapter, this.retry.channel, sequence, delivery))) this.onLost();
  }
}

/** Hands something to whoever waits for it, or is about to. @returns `false` if nobody does for a while */
export async function deliver(
  adapter: ClientRequestAdapter,
  channel: string,
  id: RequestId,
  value: unknown,
): Promise<boolean> {
  const deadline = Date.now() + LOST_AFTER_MS;
  for (let pauseMs = 1; Date.now() < deadline; pauseMs = Math.min(pauseMs * 2, 100)) {
    if (await adapter.resolvePending(channel, id, value)) return true;
    await delay(pauseMs, undefined, { ref: false });
  }
  return false;
}

/** The serving side of a retry whose call runs at another instance. */
export class RemoteCall {
  readonly channel = randomUUID();
  #next: Promise<unknown>;
  #sequence = 0;

  constructor(
    private readonly adapter: ClientRequestAdapter,
    private readonly timeoutMs: number,
  ) {
    this.#next = this.#listen();
  }

  /** Passes messages on until the outcome comes. Rejects when `timeoutMs` go by without either. */
  async outcome(line: Line): Promise<Outcome> {
    for (;;) {
      const delivery = (await this.#next) as Delivery;
      if ('outcome' in delivery) return delivery.outcome;
      this.#next = this.#listen();
      await line.outbound.send(delivery.message);
    }
  }

  /** Stops listening: nobody took the retry, or the client has gone. */
  async end(): Promise<void> {
    await this.adapter.rejectPending(this.channel, this.#sequence - 1, new Error('The retry is over'));
  }

  #listen(): Promise<unknown> {
    const { promise } = this.adapter.createPending(this.channel, this.#sequence++, { timeoutMs: this.timeoutMs });
    promise.catch(() => {});
    return promise;
  }
}
