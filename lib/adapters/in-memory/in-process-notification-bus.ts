import { NotificationBus, type BusEvent, type BusListener } from '../notification-bus.js';

/** A listener that was added, as itself: the same function may be there twice. */
interface Subscription {
  readonly listener: BusListener;
}

/**
 * Channel shared by buses of one process. Give one to several buses to let them stand for several instances.
 *
 * @publicApi
 */
export class InProcessChannel {
  readonly #subscriptions = new Set<Subscription>();

  /** @internal */
  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
  }

  /** @internal */
  delete(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** @internal */
  deliver(json: string): void {
    for (const { listener } of [...this.#subscriptions])
      void callSafely(listener, JSON.parse(json) as BusEvent);
  }
}

/**
 * A `NotificationBus` for one process: the default, and enough where there is one instance.
 *
 * @publicApi
 */
export class InProcessNotificationBus extends NotificationBus {
  override readonly isShared = false;
  readonly #subscriptions = new Set<Subscription>();
  #isClosed = false;

  constructor(private readonly channel = new InProcessChannel()) {
    super();
  }

  override async publish(event: BusEvent): Promise<void> {
    if (this.#isClosed) return;
    // Not at once: an event that a listener publishes must not overtake the one it is handling.
    const json = JSON.stringify(event);
    queueMicrotask(() => this.channel.deliver(json));
  }

  override async subscribe(listener: BusListener): Promise<() => Promise<void>> {
    const subscription = { listener };
    if (!this.#isClosed) {
      this.#subscriptions.add(subscription);
      this.channel.add(subscription);
    }
    return async () => this.#remove(subscription);
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) this.#remove(subscription);
  }

  #remove(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
    this.channel.delete(subscription);
  }
}

async function callSafely(listener: BusListener, event: BusEvent): Promise<void> {
  try {
    await listener(event);
  } catch {
    // By contract a listener handles its own failures.
  }
}
