import type { CallListener, Outcome } from '../calls/call.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { Delivery, RemoteCall, RemoteListener, Retry } from './relay.js';

/** Way of the serving side to the running one. */
export interface CallWay {
  begin(): Promise<boolean>;
  cancel(): void;
  /** Asks whether the retry is known there. */
  check(): void;
  end(): void;
}

/** Serving side of a retry: what the other instance says comes in order, maybe repeated. */
export class InboxCall implements RemoteCall {
  #next = 0;
  #isOver = false;
  readonly #queue: Delivery[] = [];
  #wake: () => void = () => {};

  constructor(
    readonly peer: string,
    private readonly way: CallWay,
  ) {}

  begin(): Promise<boolean> {
    return this.way.begin();
  }

  cancel(): void {
    this.way.cancel();
  }

  check(): void {
    this.way.check();
  }

  receive(number: number, delivery: Delivery): void {
    if (number < this.#next) return;
    this.#next = number + 1;
    this.#queue.push(delivery);
    this.#wake();
  }

  onLost(): void {
    this.#queue.push({ isGone: true });
    this.#wake();
  }

  async outcome(listener: CallListener): Promise<Outcome> {
    for (;;) {
      const { message, outcome, isGone } = await this.#take();
      if (outcome) return outcome;
      if (isGone) throw new Error('The call is gone');
      if (message) await listener.outbound?.send(message);
    }
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
    this.way.end();
  }

  async #take(): Promise<Delivery> {
    for (;;) {
      const delivery = this.#queue.shift();
      if (delivery) return delivery;
      if (this.#isOver) return { isGone: true };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Way of the running side to the serving one. */
export interface ListenerWay {
  onLost(): void;
  /** @returns `false` if the other instance is gone */
  say(number: number, delivery: Delivery): Promise<boolean>;
  end(): void;
}

/** Running side of a retry: says one thing after the other. */
export class InboxListener implements RemoteListener {
  #number = 0;
  #isOver = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    readonly peer: string,
    private readonly retry: Retry,
    private readonly way: ListenerWay,
  ) {}

  progressToken(): RequestId | undefined {
    return this.retry.progressToken ?? undefined;
  }

  logLevel(): McpLogLevel | undefined {
    return this.retry.logLevel ?? undefined;
  }

  readonly outbound = {
    send: async (message: JsonRpcNotification | JsonRpcRequest): Promise<boolean> => {
      await this.#say({ message });
      return true;
    },
    closeStream: () => Promise.resolve(),
  };

  settle(outcome: Outcome): Promise<void> {
    return this.#sayLast({ outcome });
  }

  refuse(): void {
    void this.#sayLast({ isGone: true });
  }

  /** The client, or the instance that serves it, has gone. */
  onLost(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.way.end();
    this.way.onLost();
  }

  async #sayLast(delivery: Delivery): Promise<void> {
    if (this.#isOver) return this.#queue;
    const said = this.#say(delivery);
    this.#isOver = true;
    await said;
    this.way.end();
  }

  #say(delivery: Delivery): Promise<void> {
    if (this.#isOver) return this.#queue;
    const number = this.#number++;
    this.#queue = this.#queue.then(() => this.#push(number, delivery));
    return this.#queue;
  }

  async #push(number: number, delivery: Delivery): Promise<void> {
    if (!(await this.way.say(number, delivery).catch(() => false))) this.onLost();
  }
}
