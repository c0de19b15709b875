import type { Redis } from 'ioredis';
import { Deferred } from './deferred.js';
import type { OutageLog } from './outage-log.js';
import { isPassing, messageOf } from './redis.errors.js';

/** Events of a connection for messages. */
export interface LinkEvents {
  message(channel: string, text: string): void;
  /** Messages on these channels may have been missed. */
  gap(channels: readonly string[]): void;
  /** These channels are served by another node. */
  moved(channels: readonly string[]): void;
}

/** The part of ioredis that knows its subscriptions. */
interface SubscriptionCondition {
  readonly subscriber: false | { channels(command: 'ssubscribe'): string[] };
}

/** How often a quiet connection is asked whether it still lives. */
const HEARTBEAT_MS = 10_000;

/** Channels named in one command. */
const BATCH = 500;

/** How long to wait when Redis is there but does not serve yet. */
const RETRY_MS = 200;

/**
 * A connection that only receives messages. When it is lost it comes back with all its channels, and says that messages
 * may have been missed.
 */
export class SubscriberLink {
  readonly #channels = new Map<string, Deferred<void>>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(
    private readonly connection: Redis,
    private readonly isSharded: boolean,
    private readonly events: LinkEvents,
    private readonly outages: OutageLog,
    private readonly heartbeatTimeoutMs: number,
  ) {
    connection.on(isSharded ? 'smessage' : 'message', (channel: string, text: string) =>
      events.message(channel, text),
    );
    connection.on('ready', () => this.#onReady());
    // When slots move: what version 6 of ioredis says, and what version 5 makes of a reply that it did not ask for.
    if (isSharded) connection.on('moved', () => this.#onMoved());
    connection.on('error', (error) => {
      if (isSharded && /sunsubscribe/.test(messageOf(error))) this.#onMoved();
      else outages.lost(this, messageOf(error));
    });
    connection.on('close', () => outages.lost(this, 'a connection was closed'));
    this.#heartbeat = setInterval(() => void this.#ping(), HEARTBEAT_MS).unref();
  }

  /** Resolves when every message from now on will be received, however long it takes until Redis is there. */
  add(channel: string): Promise<void> {
    const known = this.#channels.get(channel);
    if (known) return known.promise;
    const acknowledged = new Deferred<void>();
    this.#channels.set(channel, acknowledged);
    if (this.connection.status === 'ready') void this.#subscribe([channel], false);
    else this.connect();
    return acknowledged.promise;
  }

  remove(channel: string): void {
    if (!this.#channels.delete(channel) || this.connection.status !== 'ready') return;
    const { connection } = this;
    (this.isSharded ? connection.sunsubscribe(channel) : connection.unsubscribe(channel)).catch(() => {});
  }

  connect(): void {
    if (this.connection.status === 'wait' || this.connection.status === 'end') {
      this.connection.connect().catch(() => {});
    }
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#channels.clear();
    this.connection.removeAllListeners();
    this.connection.on('error', () => {});
    this.connection.disconnect();
    this.outages.forget(this);
  }

  #onReady(): void {
    this.outages.restored(this);
    const channels = [...this.#channels.keys()];
    const size = this.isSharded ? 1 : BATCH;
    for (let n = 0; n < channels.length; n += size) {
      void this.#subscribe(channels.slice(n, n + size), true);
    }
  }

  /** Redis takes channels away together with their slot. ioredis forgets them then, but does not say which ones. */
  #onMoved(): void {
    // Not public, but the same in every version.
    const { condition } = this.connection as unknown as { readonly condition: SubscriptionCondition | null };
    const kept = new Set(condition?.subscriber ? condition.subscriber.channels('ssubscribe') : []);
    const moved = [...this.#channels.keys()].filter((channel) => !kept.has(channel));
    if (moved.length > 0) this.events.moved(moved);
  }

  /** If the connection is lost meanwhile, it is done again when it is back. */
  async #subscribe(channels: readonly string[], isAgain: boolean): Promise<void> {
    const { connection } = this;
    try {
      await (this.isSharded ? connection.ssubscribe(...channels) : connection.subscribe(...channels));
      for (const channel of channels) this.#channels.get(channel)?.resolve();
      if (isAgain) this.events.gap(channels);
    } catch (error) {
      if (/^MOVED\b/.test(messageOf(error))) this.events.moved(channels);
      else if (!isPassing(error)) this.#refuse(channels, error as Error);
      else if (connection.status === 'ready') this.#subscribeLater(channels);
    }
  }

  #subscribeLater(channels: readonly string[]): void {
    setTimeout(() => {
      const wanted = channels.filter((channel) => this.#channels.has(channel));
      if (wanted.length > 0 && this.connection.status === 'ready') void this.#subscribe(wanted, true);
    }, RETRY_MS).unref();
  }

  #refuse(channels: readonly string[], error: Error): void {
    for (const channel of channels) {
      this.#channels.get(channel)?.reject(error);
      this.#channels.delete(channel);
    }
  }

  async #ping(): Promise<void> {
    const { connection } = this;
    if (connection.status !== 'ready') return;
    const timer = setTimeout(() => connection.disconnect(true), this.heartbeatTimeoutMs).unref();
    await connection.ping().catch(() => {});
    clearTimeout(timer);
  }
}
