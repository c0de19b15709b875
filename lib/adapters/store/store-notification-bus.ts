import { randomBytes } from 'node:crypto';
import { NotificationBus, type BusEvent, type BusListener } from '../notification-bus.js';
import type { LogEntry, LogLimits, Store, StoreKey } from '../store.js';
import { LogReceiver } from './log-receiver.js';
import { StoreKeys } from './store-keys.js';

const TAG = 'e';

/** How long the log is kept that nobody uses, and how often those who listen renew it. */
const TTL_MS = 5 * 60_000;
const RENEW_MS = 60_000;

const LIMITS: LogLimits = { maxEntries: 1_024, maxBytes: 1024 * 1024, ifFull: 'drop' };

/** Publishers that are remembered; an instance that has been silent the longest is forgotten first. */
const MAX_PUBLISHERS = 1_024;

/** A listener that was added, as itself: the same function may be there twice. */
interface Subscription {
  readonly listener: BusListener;
}

interface Outgoing {
  readonly json: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Which bus.
 *
 * @publicApi
 */
export interface StoreNotificationBusOptions {
  /** Name of the server: events of another one on the same store are not heard. @default '' */
  readonly server?: string;
}

/**
 * Carries events between instances by one short log in a `Store`. What a publisher tells while an append of its is under
 * way goes out together with the next one.
 *
 * @publicApi
 */
export class StoreNotificationBus extends NotificationBus {
  readonly #key: StoreKey;
  readonly #receiver: LogReceiver;
  readonly #subscriptions = new Set<Subscription>();
  readonly #publisher = randomBytes(9).toString('base64url');
  #count = 0;
  #outgoing: Outgoing[] = [];
  #isSending = false;
  /** The newest number of each publisher. */
  readonly #numbers = new Map<string, number>();
  #renewal: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Uses a store that somebody else closes. */
  constructor(
    private readonly store: Store,
    { server = '' }: StoreNotificationBusOptions = {},
  ) {
    super();
    this.#key = new StoreKeys(server).bus();
    this.#receiver = new LogReceiver(store, this.#key, TAG, {
      entry: (entry, isOld) => this.#take(entry, isOld),
      ensure: () => this.#ensure(),
    });
  }

  override async publish(event: BusEvent): Promise<void> {
    if (this.#isClosed) return;
    const json = JSON.stringify(event);
    await new Promise<void>((resolve, reject) => {
      this.#outgoing.push({ json, resolve, reject });
      if (!this.#isSending) void this.#sendAll();
    });
  }

  override async subscribe(listener: BusListener): Promise<() => Promise<void>> {
    const subscription = { listener };
    const remove = async () => void this.#subscriptions.delete(subscription);
    if (this.#isClosed) return remove;
    await this.#receiver.start();
    this.#renewal ??= setInterval(() => void this.#ensure().catch(() => {}), RENEW_MS).unref();
    this.#subscriptions.add(subscription);
    return remove;
  }

  override ping(): Promise<void> {
    return this.store.ping();
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    this.#subscriptions.clear();
    clearInterval(this.#renewal);
    this.#receiver.stop();
  }

  /** One append at a time, so that nothing is overtaken. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#outgoing.length > 0) {
      const batch = this.#outgoing;
      this.#outgoing = [];
      try {
        await this.#append(`[${batch.map(({ json }) => json).join(',')}]`);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isSending = false;
  }

  async #append(body: string): Promise<void> {
    const options = { id: `${this.#publisher}-${++this.#count}`, renew: true, limits: LIMITS };
    if ((await this.store.append(this.#key, TAG, body, options)) !== 'gone') return;
    await this.#ensure();
    await this.store.append(this.#key, TAG, body, options);
  }

  async #ensure(): Promise<void> {
    if (await this.store.touch(this.#key, TTL_MS, { only: [] })) return;
    await this.store.write(this.#key, {}, { ttlMs: TTL_MS, ifVersion: null });
  }

  /** After a loss entries are read again: each is known by its publisher and number. */
  #take({ position, body }: LogEntry, isOld: boolean): void {
    const [, publisher, digits] = /^\d+\.([\w-]+)-(\d+)$/.exec(position) ?? [];
    if (publisher === undefined) return;
    const number = Number(digits);
    if (number <= (this.#numbers.get(publisher) ?? 0)) return;
    this.#numbers.delete(publisher);
    this.#numbers.set(publisher, number);
    const [oldest] = this.#numbers.size > MAX_PUBLISHERS ? this.#numbers.keys() : [];
    if (oldest !== undefined) this.#numbers.delete(oldest);
    if (!isOld) this.#deliver(body);
  }

  #deliver(body: string): void {
    const { length } = JSON.parse(body) as BusEvent[];
    for (let n = 0; n < length; n++) {
      for (const subscription of [...this.#subscriptions]) {
        // Parsed for each of them: they get copies. One that was removed by an event before gets nothing.
        const event = (JSON.parse(body) as BusEvent[])[n] as BusEvent;
        if (this.#subscriptions.has(subscription)) void callSafely(subscription.listener, event);
      }
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
