import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { NotificationBus, type BusEvent, type BusListener } from '../notification-bus.js';
import { BusReceiver } from './bus-receiver.js';
import { BusSender } from './bus-sender.js';
import type { RedisAdapterOptions } from './redis-adapter-options.interface.js';
import { RedisConnections } from './redis-connections.js';

/** A listener that was added, as itself: the same function may be there twice. */
interface Subscription {
  readonly listener: BusListener;
}

/**
 * Carries events between instances over Redis: pub/sub for those who listen, and a short log, from which an instance
 * whose connection was lost for a while gets what it has missed. On a Cluster all events of a bus are on one node.
 *
 * @publicApi
 */
@Injectable()
export class RedisNotificationBus extends NotificationBus {
  readonly #connections: RedisConnections;
  readonly #release: () => Promise<void>;
  readonly #sender: BusSender;
  readonly #receiver: BusReceiver;
  readonly #subscriptions = new Set<Subscription>();
  #isClosed = false;

  /** Takes the connections that other adapters use too, or how to make its own. */
  constructor(@Inject(RedisConnections) connections: RedisConnections | RedisAdapterOptions) {
    super();
    this.#connections = RedisConnections.of(connections);
    this.#release = this.#connections.retain();
    this.#sender = new BusSender(this.#connections, randomBytes(9).toString('base64url'));
    this.#receiver = new BusReceiver(this.#connections, (json) => this.#deliver(json));
  }

  override async publish(event: BusEvent): Promise<void> {
    if (this.#isClosed) return;
    await this.#sender.send(JSON.stringify(event));
  }

  override async subscribe(listener: BusListener): Promise<() => Promise<void>> {
    const subscription = { listener };
    const remove = async () => void this.#subscriptions.delete(subscription);
    if (this.#isClosed) return remove;
    await this.#receiver.start();
    this.#subscriptions.add(subscription);
    return remove;
  }

  override ping(): Promise<void> {
    return this.#connections.ping();
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscriptions.clear();
    this.#receiver.stop();
    await this.#release();
  }

  #deliver(json: string): void {
    for (const { listener } of [...this.#subscriptions]) {
      void callSafely(listener, JSON.parse(json) as BusEvent);
    }
  }
}

async function callSafely(listener: BusListener, event: BusEvent): Promise<void> {
  try {
    await listener(event);
  } catch {
    // By contract a listener handles its own failures.
  }
}
