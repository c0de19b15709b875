import type { CallListener, Outcome } from '../calls/call.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '../protocol/json-rpc.js';
import type { McpLogLevel } from '../protocol/types/logging.js';
import type { Delivery, RemoteCall, RemoteListener, Retry, RetryEnding } from './relay.js';

/** A delivery with what orders and identifies it. */
export interface NumberedDelivery {
  /** Listener that sent it: a retry that is taken a second time has another one. */
  readonly listener: string;
  readonly number: number;
  readonly delivery: Delivery;
}

/** Sends of one side of a channel. */
export interface ChannelWay<T> {
  /** @returns `false` if the other instance is gone */
  send(content: T): Promise<boolean>;
  /** Called once. */
  ended(ending: RetryEnding): void;
}

/** Sends of the serving side. */
export interface CallWay extends ChannelWay<Retry> {
  /** Prepares the inbox that the deliveries come to. */
  open(): Promise<void>;
}

/** Serving side of a retry: repeats it until the outcome has come. Deliveries come in order, and may come again. */
export class InboxCall implements RemoteCall {
  readonly #next = new Map<string, number>();
  readonly #queue: Delivery[] = [];
  #wake: () => void = () => {};
  #isOver = false;
  #isGone = false;
  #sentAt = Infinity;

  constructor(
    readonly peer: string,
    private readonly retry: Retry,
    private readonly way: CallWay,
  ) {}

  /** True once the call, or the instance that runs it, is known to be gone. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** When the retry was sent the last time, by `performance.now()`. */
  get sentAt(): number {
    return this.#sentAt;
  }

  async begin(): Promise<boolean> {
    await this.way.open();
    if (this.#isOver) return false;
    this.#isGone = !(await this.way.send(this.retry));
    this.#sentAt = performance.now();
    return !this.#isGone;
  }

  /** Sends the retry again. The other side knows it by its channel. */
  repeat(): void {
    if (this.#isOver) return;
    this.#sentAt = performance.now();
    this.way.send(this.retry).catch(() => {});
  }

  /** Acknowledges an outcome: whatever becomes of it here, the other instance need not keep it. */
  receive({ listener, number, delivery }: NumberedDelivery): void {
    if (number < (this.#next.get(listener) ?? 0)) return;
    this.#next.set(listener, number + 1);
    this.#push(delivery);
    if (delivery.outcome) this.end('answered');
  }

  onPeerLost(): void {
    this.#push({ isGone: true });
  }

  async outcome(listener: CallListener): Promise<Outcome> {
    for (;;) {
      const { message, outcome, isGone } = await this.#take();
      if (outcome) return outcome;
      if (isGone) throw new Error('The call is gone');
      if (message) await listener.outbound?.send(message);
    }
  }

  end(ending: RetryEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake();
    this.way.ended(ending);
  }

  #push(delivery: Delivery): void {
    if (delivery.isGone) this.#isGone = true;
    this.#queue.push(delivery);
    this.#wake();
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

/** Running side of a retry: sends one delivery after the other, and repeats the last one until it is acknowledged. */
export class InboxListener implements RemoteListener {
  #number = 0;
  #isOver = false;
  #isSettled = false;
  #queue: Promise<void> = Promise.resolve();
  #last: NumberedDelivery | undefined;
  #sentAt = Infinity;

  constructor(
    readonly peer: string,
    private readonly id: string,
    private readonly retry: Retry,
    private readonly way: ChannelWay<NumberedDelivery>,
  ) {}

  /** When the outcome was sent the last time, by `performance.now()`. */
  get sentAt(): number {
    return this.#sentAt;
  }

  get isOver(): boolean {
    return this.#isOver;
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
      return !this.#isOver;
    },
    closeStream: () => Promise.resolve(),
  };

  settle(outcome: Outcome): Promise<void> {
    return this.#deliverLast({ outcome });
  }

  /** Needs no acknowledgement: a retry that comes again is refused again. */
  refuse(): void {
    void this.#deliverLast({ isGone: true }).then(() => this.end('lost'));
  }

  /** Sends the outcome again, if there is one. */
  repeat(): void {
    if (!this.#last || this.#isOver) return;
    this.#sentAt = performance.now();
    this.#send(this.#last).catch(() => {});
  }

  onPeerLost(): void {
    this.end('lost');
  }

  end(ending: RetryEnding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.way.ended(ending);
  }

  async #deliverLast(delivery: Delivery): Promise<void> {
    const delivered = this.#deliver(delivery);
    this.#isSettled = true;
    await delivered;
  }

  #deliver(delivery: Delivery): Promise<void> {
    if (this.#isSettled || this.#isOver) return this.#queue;
    const numbered = { listener: this.id, number: this.#number++, delivery };
    this.#queue = this.#queue.then(() => this.#push(numbered));
    return this.#queue;
  }

  async #push(numbered: NumberedDelivery): Promise<void> {
    if (this.#isOver) return;
    if (!(await this.#send(numbered))) return this.end('lost');
    if (numbered.delivery.message) return;
    this.#last = numbered;
    this.#sentAt = performance.now();
  }

  /** `false` also for what can never be sent. */
  #send(numbered: NumberedDelivery): Promise<boolean> {
    return this.way.send(numbered).catch(() => false);
  }
}
