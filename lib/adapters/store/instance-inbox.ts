import { randomBytes } from 'node:crypto';
import type {
  AppendedEntry,
  AppendRefusal,
  LogEntry,
  LogLimits,
  LogPosition,
  Store,
  StoreKey,
} from '../store.js';
import { AppendIds } from './append-ids.js';
import { LogReceiver } from './log-receiver.js';
import type { StoreKeys } from './store-keys.js';

/** Tag of all messages. */
const TAG = 'm';

/** Follows the kind of a message that asks for a sign of life. */
const SIGN = '?';

/** Milliseconds an inbox is kept without renewal: its messages survive an outage. */
const TTL_MS = 60_000;

/** Milliseconds between heartbeats of an inbox in use, and the lease of its instance that each one renews. */
export const HEARTBEAT_MS = 1_000;
export const LEASE_MS = 3_000;

/** Milliseconds without renewal after which calls of an instance are given up, which cannot be undone. */
const LOST_MS = 7_000;

/** Milliseconds after an outage in which an instance may come back. */
export const COMEBACK_MS = 5_000;

/** Limits of the memory of messages that were taken, for deduplication; trimmed at twice as much. */
const KEPT = { messages: 256, bytes: 512 * 1024 };

const LIMITS: LogLimits = { maxEntries: 4_096, maxBytes: 4 * 1024 * 1024, ifFull: 'refuse' };

/** Takes messages of one kind. One that came before may come again after a loss. */
export type InboxHandler = (body: string) => void;

/** Options of a message. */
export interface SendOptions {
  readonly id: string;
  /** A record in the scope of the inbox that is removed in the same step; without it nothing is sent. */
  readonly consume?: StoreKey;
  /** True if an earlier attempt with this id may have succeeded. */
  readonly isRepeat?: boolean;
  /** True to send only to an instance that listens. */
  readonly ifHeard?: boolean;
  /** True to make the instance renew its lease when it has the message. */
  readonly asksForSign?: boolean;
}

/**
 * Messages to one instance of the server, from any other: a log in the store. The record is the lease of the instance,
 * which is renewed while the inbox is in use, and never by what others send.
 */
export class InstanceInbox {
  readonly instance = randomBytes(12).toString('base64url');
  readonly ids = new AppendIds();
  readonly #key: StoreKey;
  readonly #receiver: LogReceiver;
  readonly #handlers = new Map<string, InboxHandler>();
  readonly #gapListeners = new Set<() => void>();
  #users = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #renewedAt = -Infinity;
  #renewing: Promise<void> | undefined;
  #signedAt = -Infinity;
  /** Messages that were taken and not trimmed, the oldest first. */
  readonly #taken: { readonly position: LogPosition; readonly bytes: number }[] = [];
  #takenBytes = 0;
  readonly #sending = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(
    private readonly store: Store,
    private readonly keys: StoreKeys,
  ) {
    this.#key = keys.inbox(this.instance);
    this.#receiver = new LogReceiver(store, this.#key, TAG, {
      entry: (entry) => this.#take(entry),
      ensure: () => this.#renew(),
      gap: () => {
        if (this.#users > 0) void this.#renewAnew();
        for (const listener of this.#gapListeners) listener();
      },
    });
  }

  /** When the latest renewal began that has succeeded, by `performance.now()`. */
  get renewedAt(): number {
    return this.#renewedAt;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Registers the handler for a kind of messages, named by a short word. */
  handle(kind: string, handler: InboxHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Calls back when records beside the inbox may have been lost. Messages that are there were delivered before. */
  onGap(listener: () => void): void {
    this.#gapListeners.add(listener);
  }

  /** Keeps the lease until `rest` is called as often. Resolves when messages will be received. */
  async use(): Promise<void> {
    this.#users++;
    this.#heartbeat ??= setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
    await this.#receiver.start();
    if (performance.now() - this.#renewedAt > HEARTBEAT_MS) await this.#renew();
  }

  /** Ends one `use`. The lease of an inbox without users expires by itself. */
  rest(): void {
    if (--this.#users > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  /** Resolves when every message has been delivered that was sent before; rejects if the store is away. */
  async catchUp(): Promise<void> {
    if (!this.#isClosed) await this.#receiver.catchUp();
  }

  /** Sends a message to the inbox of an instance. */
  async send(
    instance: string,
    kind: string,
    body: string,
    { asksForSign = false, ...options }: SendOptions,
  ): Promise<AppendedEntry | AppendRefusal> {
    const message = `${kind}${asksForSign ? SIGN : ''} ${body}`;
    const sending = this.store.append(this.keys.inbox(instance), TAG, message, {
      ...options,
      limits: LIMITS,
    });
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /** Checks whether an instance that had the time to renew its lease has not done so for long. */
  async isLost(instance: string): Promise<boolean> {
    if (this.store.steadyForMs < COMEBACK_MS) return false;
    return (await this.renewedMsAgo(instance)) >= LOST_MS;
  }

  /** Milliseconds since an instance has renewed its inbox, by the clock of the store; `Infinity` if there is none. */
  async renewedMsAgo(instance: string): Promise<number> {
    const record = await this.store.read(this.keys.inbox(instance), []);
    return record ? TTL_MS - record.remainingMs : Infinity;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.#receiver.stop();
    await Promise.allSettled([this.#renewing, ...this.#sending]);
    // Kept until it expires if its sign of life is still to be seen: else an answer that was taken would be refused.
    if (performance.now() - this.#signedAt < HEARTBEAT_MS) return;
    // One that was never opened is not there; one that cannot be removed expires.
    if (this.#renewedAt > -Infinity) await this.store.remove(this.#key).catch(() => {});
  }

  #take({ position, body }: LogEntry): void {
    const separator = body.indexOf(' ');
    const [kind = '', sign] = body.slice(0, separator).split(/(?=\?)/);
    if (sign === SIGN) {
      this.#signedAt = performance.now();
      void this.#renewAnew();
    }
    this.#handlers.get(kind)?.(body.slice(separator + 1));
    const bytes = Buffer.byteLength(body);
    this.#taken.push({ position, bytes });
    this.#takenBytes += bytes;
    if (this.#taken.length > KEPT.messages * 2 || this.#takenBytes > KEPT.bytes * 2) this.#trim();
  }

  #trim(): void {
    let upTo: LogPosition | undefined;
    while (this.#taken.length > KEPT.messages || this.#takenBytes > KEPT.bytes) {
      const { position, bytes } = this.#taken.shift() as { position: LogPosition; bytes: number };
      this.#takenBytes -= bytes;
      upTo = position;
    }
    // Messages that are not trimmed now are trimmed with the next, or expire.
    if (upTo !== undefined) this.store.trim(this.#key, TAG, upTo).catch(() => {});
  }

  async #beat(): Promise<void> {
    // A failed heartbeat is followed by another, or by an outage that other calls report.
    if (!this.#renewing) await this.#renew().catch(() => {});
  }

  /** With a sign of life that is not older than this call. */
  async #renewAnew(): Promise<void> {
    await this.#renewing?.catch(() => {});
    await this.#beat();
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#touchOrWrite().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #touchOrWrite(): Promise<void> {
    if (this.#isClosed) return;
    const begunAt = performance.now();
    const isThere =
      this.#renewedAt > -Infinity &&
      (await this.store.touch(this.#key, TTL_MS, { only: [], exact: true })) !== undefined;
    if (!isThere) await this.store.write(this.#key, {}, { ttlMs: TTL_MS, ifVersion: null });
    this.#renewedAt = begunAt;
  }
}
