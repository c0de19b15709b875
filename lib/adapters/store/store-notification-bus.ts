import { randomBytes } from 'node:crypto';
import {
  NotificationBus,
  type BusConsumer,
  type BusEvent,
  type BusListener,
  type MissedEvent,
} from '../notification-bus.js';
import type { LogEntry, LogLimits, LogPosition, Store, StoreKey } from '../store.js';
import { BusCursor, readCursor } from './bus-cursor.js';
import { CHUNK, isComplete } from './log-chain.js';
import { LogReceiver } from './log-receiver.js';
import { StoreKeys } from './store-keys.js';

const TAG = 'e';

/** Milliseconds the log is kept without use, and milliseconds between renewals by its listeners. */
const TTL_MS = 5 * 60_000;
const RENEW_MS = 60_000;

/** Enough for the time that an instance which has ended is away from its clients. */
const LIMITS: LogLimits = { maxEntries: 4_096, maxBytes: 4 * 1024 * 1024, ifFull: 'drop' };

/** Publishers that are remembered; an instance that has been silent the longest is forgotten first. */
const MAX_PUBLISHERS = 1_024;

/** A listener that was added, as itself: the same function may be there twice. */
interface Subscription {
  readonly listener: BusConsumer;
  /** Present for a consumer. */
  readonly cursor?: BusCursor;
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
  override readonly keepsEvents = true;
  readonly #keys: StoreKeys;
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

  /** Uses a store that the caller closes. */
  constructor(
    private readonly store: Store,
    { server = '' }: StoreNotificationBusOptions = {},
  ) {
    super();
    this.#keys = new StoreKeys(server);
    this.#key = this.#keys.bus();
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
    return this.#add({ listener });
  }

  override async consume(name: string, listener: BusConsumer): Promise<() => Promise<void>> {
    const cursor = new BusCursor(this.store, this.#keys.busCursor(name));
    const remove = await this.#add({ listener, cursor });
    return async () => {
      await remove();
      await cursor.close();
    };
  }

  override async missedBy(name: string): Promise<readonly MissedEvent[]> {
    if (this.#isClosed) return [];
    await this.#receiver.catchUp();
    const cursor = await readCursor(this.store, this.#keys.busCursor(name));
    return cursor ? this.#read(cursor.at) : [];
  }

  override ping(): Promise<void> {
    return this.store.ping();
  }

  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const cursors = [...this.#subscriptions].flatMap(({ cursor }) => cursor ?? []);
    this.#subscriptions.clear();
    clearInterval(this.#renewal);
    this.#receiver.stop();
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }

  async #add(subscription: Subscription): Promise<() => Promise<void>> {
    const remove = async () => void this.#subscriptions.delete(subscription);
    if (this.#isClosed) return remove;
    await this.#receiver.start();
    this.#renewal ??= setInterval(() => void this.#renew(), RENEW_MS).unref();
    this.#subscriptions.add(subscription);
    try {
      await subscription.cursor?.begin(this.#receiver.last);
    } catch (error) {
      await remove();
      throw error;
    }
    return remove;
  }

  async #renew(): Promise<void> {
    const cursors = [...this.#subscriptions].flatMap(({ cursor }) => cursor ?? []);
    await Promise.allSettled([this.#ensure(), ...cursors.map((cursor) => cursor.renew())]);
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
    const [, name = '', publisher, digits] = /^\d+\.(([\w-]+)-(\d+))$/.exec(position) ?? [];
    if (publisher === undefined) return;
    const number = Number(digits);
    if (number <= (this.#numbers.get(publisher) ?? 0)) return;
    this.#numbers.delete(publisher);
    this.#numbers.set(publisher, number);
    const [oldest] = this.#numbers.size > MAX_PUBLISHERS ? this.#numbers.keys() : [];
    if (oldest !== undefined) this.#numbers.delete(oldest);
    if (!isOld) this.#deliver(position, name, body);
  }

  #deliver(position: LogPosition, name: string, body: string): void {
    const work = new Map([...this.#subscriptions].map((each) => [each, [] as Promise<void>[]]));
    const { length } = JSON.parse(body) as BusEvent[];
    for (let n = 0; n < length; n++) {
      for (const [subscription, calls] of work) {
        // Parsed for each of them: they get copies. One that was removed by an event before gets nothing.
        const event = (JSON.parse(body) as BusEvent[])[n] as BusEvent;
        if (this.#subscriptions.has(subscription)) {
          calls.push(callSafely(subscription.listener, event, keyOf(name, n)));
        }
      }
    }
    for (const [{ cursor }, calls] of work) cursor?.add(position, Promise.all(calls));
  }

  /** All events after a position; if that is not in the log any more, all that are kept. */
  async #read(after: LogPosition | undefined): Promise<readonly MissedEvent[]> {
    const missed: MissedEvent[] = [];
    let isAnew = false;
    for (let last = after; ;) {
      const slice = await this.store.entries(this.#key, TAG, last, CHUNK);
      if (!slice) return missed;
      if (!isAnew && !isComplete(slice, last)) {
        isAnew = true;
        missed.length = 0;
        last = undefined;
        continue;
      }
      for (const { position, body } of slice.entries) {
        last = position;
        const name = position.slice(position.indexOf('.') + 1);
        const events = JSON.parse(body) as BusEvent[];
        missed.push(...events.map((event, n) => ({ event, key: keyOf(name, n) })));
      }
      if (slice.isAll) return missed;
    }
  }
}

/** Key of an event: the id of its append, and its place in that. */
function keyOf(name: string, n: number): string {
  return `${name}-${n.toString(36)}`;
}

async function callSafely(listener: BusConsumer, event: BusEvent, key: string): Promise<void> {
  try {
    await listener(event, key);
  } catch {
    // By contract a listener handles its own failures.
  }
}
