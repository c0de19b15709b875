import { ClusterLinks } from './cluster-links.js';
import { Deadlines } from './deadlines.js';
import type { OutageLog } from './outage-log.js';
import { isCluster, openSubscriber, type RedisClient } from './redis.clients.js';
import { toAdapterError } from './redis.errors.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';
import { SubscriberLink, type LinkEvents } from './subscriber-link.js';

/** Hears what is published on a channel. */
export interface ChannelListener {
  message(text: string): void;
  /** Messages may have been missed: the connection was lost, and is back. */
  gap(): void;
}

/** Receives messages for all listeners of this process, with one subscription per channel. */
export class RedisSubscriber {
  readonly #listeners = new Map<string, Set<ChannelListener>>();
  readonly #links: SubscriberLink | ClusterLinks;
  readonly #deadlines = new Deadlines();

  constructor(
    commands: RedisClient,
    isSharded: boolean,
    outages: OutageLog,
    private readonly timeoutMs: number,
  ) {
    const events: LinkEvents = {
      message: (channel, text) => this.#each(channel, (listener) => listener.message(text)),
      gap: (channels) => {
        for (const channel of channels) this.#each(channel, (listener) => listener.gap());
      },
      moved: () => {},
    };
    this.#links = isCluster(commands)
      ? new ClusterLinks(commands, isSharded, events, outages, timeoutMs)
      : new SubscriberLink(openSubscriber(commands), false, events, outages, timeoutMs);
  }

  /**
   * Resolves when the listener will hear every message that is published from now on, with what removes it again.
   * Rejects with `RedisUnavailableError` if that takes too long.
   */
  async subscribe(channel: string, listener: ChannelListener): Promise<() => void> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    const leave = () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(channel);
      this.#links.remove(channel);
    };
    try {
      const late = () => new RedisUnavailableError(`Redis did not subscribe within ${this.timeoutMs} ms`);
      await this.#deadlines.limit(this.#links.add(channel), Date.now() + this.timeoutMs, late);
      return leave;
    } catch (error) {
      leave();
      throw toAdapterError(error);
    }
  }

  close(): void {
    this.#links.close();
    this.#listeners.clear();
    this.#deadlines.close();
  }

  #each(channel: string, tell: (listener: ChannelListener) => void): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) tell(listener);
  }
}
