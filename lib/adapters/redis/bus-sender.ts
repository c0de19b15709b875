import type { RedisConnections } from './redis-connections.js';
import { publishEvent } from './scripts/publish-event.script.js';

/** Newest events kept for instances whose connection was lost, and for how long. */
const MAX_EVENTS = 4_096;
const LOG_MS = 5 * 60_000;

interface Outgoing {
  readonly event: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Puts the events of one publisher on the bus, in order. Each has the publisher's name and a number, by which receivers
 * know one that was sent twice.
 */
export class BusSender {
  #count = 0;
  #queue: Outgoing[] = [];
  #isSending = false;

  constructor(
    private readonly connections: RedisConnections,
    private readonly name: string,
  ) {}

  send(json: string): Promise<void> {
    const event = `${this.name} ${++this.#count} ${json}`;
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, resolve, reject });
      if (!this.#isSending) void this.#sendAll();
    });
  }

  /** What is there goes out together; what comes meanwhile waits, so that nothing that is tried again is overtaken. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#sendTogether(batch);
    }
    this.#isSending = false;
  }

  async #sendTogether(batch: readonly Outgoing[]): Promise<void> {
    const { keys } = this.connections;
    try {
      await this.connections.run((client) =>
        Promise.all(
          batch.map(({ event }) =>
            publishEvent.run(
              client,
              [keys.busLog()],
              [event, MAX_EVENTS, LOG_MS, keys.busChannel(), this.connections.publish],
            ),
          ),
        ),
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
  }
}
