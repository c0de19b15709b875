import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConnections } from './redis-connections.js';

/** Events that are read from the log at once. */
const CHUNK = 512;

/** Between two attempts to read the log while Redis is away. */
const PAUSE_MS = 500;

/** Publishers that are remembered; an instance that has been silent the longest is forgotten first. */
const MAX_PUBLISHERS = 1_024;

/** Receives the events of the bus, each once: as they are published, and from the log what was missed meanwhile. */
export class BusReceiver {
  #started: Promise<void> | undefined;
  #leave: (() => void) | undefined;
  /** Id in the log of the newest event that was received. */
  #last = '0-0';
  /** The newest number of each publisher. */
  readonly #numbers = new Map<string, number>();
  #isReading = false;
  /** Whether the log holds something that was not received. */
  #isBehind = false;
  #isStopped = false;

  constructor(
    private readonly connections: RedisConnections,
    private readonly deliver: (json: string) => void,
  ) {}

  /** Resolves when everything that is published from now on will be delivered. */
  start(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      this.#leave?.();
      throw error;
    });
    return this.#started;
  }

  stop(): void {
    this.#isStopped = true;
    this.#leave?.();
  }

  async #start(): Promise<void> {
    const { keys } = this.connections;
    const subscriber = await this.connections.subscriber();
    this.#isReading = true;
    const leave = await subscriber.subscribe(keys.busChannel(), {
      message: (text) => this.#receive(text),
      gap: () => void this.#catchUp(),
    });
    if (this.#isStopped) return leave();
    this.#leave = leave;
    const newest = await this.connections.run((client) =>
      client.xrevrange(keys.busLog(), '+', '-', 'COUNT', 1),
    );
    this.#last = newest[0]?.[0] ?? this.#last;
    this.#isReading = false;
    if (this.#isBehind) await this.#catchUp();
  }

  #receive(text: string): void {
    const [head, id, previous] = /^1 (\S+) (\S+) /.exec(text) ?? [];
    const isNext = !this.#isReading && previous === this.#last;
    if (isNext && head !== undefined && id !== undefined) this.#take(id, text.slice(head.length));
    else void this.#catchUp();
  }

  #take(id: string, event: string): void {
    this.#last = id;
    const [head, publisher, digits] = /^(\S+) (\d+) /.exec(event) ?? [];
    if (head === undefined || publisher === undefined) return;
    const number = Number(digits);
    if (number <= (this.#numbers.get(publisher) ?? 0)) return;
    this.#numbers.delete(publisher);
    this.#numbers.set(publisher, number);
    const [oldest] = this.#numbers.size > MAX_PUBLISHERS ? this.#numbers.keys() : [];
    if (oldest !== undefined) this.#numbers.delete(oldest);
    if (!this.#isStopped) this.deliver(event.slice(head.length));
  }

  /** Reads what was missed, until nothing has come meanwhile. */
  async #catchUp(): Promise<void> {
    this.#isBehind = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isBehind && !this.#isStopped) {
      this.#isBehind = false;
      try {
        await this.#readLog();
      } catch {
        this.#isBehind = true;
        await delay(PAUSE_MS, undefined, { ref: false });
      }
    }
    this.#isReading = false;
  }

  async #readLog(): Promise<void> {
    const key = this.connections.keys.busLog();
    for (let isMore = true; isMore;) {
      const entries = await this.connections.run((client) =>
        client.xrange(key, `(${this.#last}`, '+', 'COUNT', CHUNK),
      );
      for (const [id, [, event]] of entries) if (event !== undefined) this.#take(id, event);
      isMore = entries.length === CHUNK;
    }
  }
}
