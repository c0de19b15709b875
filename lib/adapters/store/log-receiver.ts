import type { Bell, LogEntry, LogPosition, Store, StoreKey } from '../store.js';
import { CHUNK, isComplete } from './log-chain.js';
import { retryWhileUnavailable } from './retry.js';

/** Positions by which a bell that is rung twice is known. */
const MAX_RECENT = 64;

/** Callbacks of a receiver. */
export interface ReceiverEvents {
  /** Takes an entry. After a loss it may be one that was taken before. `isOld`: it was there when receiving began. */
  entry(entry: LogEntry, isOld: boolean): void;
  /** Makes sure that there is a record. */
  ensure(): Promise<void>;
  /** Something may have been lost that is not in the log: the connection was away, or the log begins anew. */
  gap?(): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Receives all entries of a tag in the background, as they are rung and else from the log, until it is stopped. */
export class LogReceiver {
  readonly #stopped = new AbortController();
  #started: Promise<void> | undefined;
  #leave: (() => void) | undefined;
  #backstop: NodeJS.Timeout | undefined;
  #last: LogPosition | undefined;
  readonly #recent: LogPosition[] = [];
  #isReading = false;
  /** True while the log may hold entries that were not received. */
  #isBehind = false;
  #isStarting = true;
  #waiting: Waiting[] = [];

  constructor(
    private readonly store: Store,
    private readonly key: StoreKey,
    private readonly tag: string,
    private readonly events: ReceiverEvents,
  ) {}

  /** Position of the entry that was received last; `undefined` before the first. */
  get last(): LogPosition | undefined {
    return this.#last;
  }

  /** Resolves when everything that is appended from now on will be received. */
  start(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      this.#leave?.();
      throw error;
    });
    return this.#started;
  }

  /** Resolves when everything has been received that is in the log now; rejects if the store is away. */
  catchUp(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#behind();
    });
  }

  stop(): void {
    this.#stopped.abort();
    clearInterval(this.#backstop);
    this.#leave?.();
    this.#settle(({ resolve }) => resolve());
  }

  async #start(): Promise<void> {
    await this.events.ensure();
    const leave = await this.store.listen(this.key, (bell) => this.#receive(bell));
    if (this.#stopped.signal.aborted) return leave();
    this.#leave = leave;
    this.#isReading = true;
    try {
      await this.#readLog();
    } finally {
      this.#isReading = false;
    }
    this.#isStarting = false;
    this.#backstop = setInterval(() => this.#behind(), this.store.backstopMs).unref();
    if (this.#isBehind) this.#behind();
  }

  #receive(bell: Bell): void {
    if (bell === 'changed' || this.#stopped.signal.aborted) return;
    if (typeof bell === 'string') {
      this.#behind();
      if (bell === 'stale' && !this.#isStarting) this.events.gap?.();
      return;
    }
    if (bell.tag !== this.tag || this.#recent.includes(bell.position)) return;
    if (!this.#isReading && bell.previous === this.#last) this.#take(bell);
    else this.#behind();
  }

  #take(entry: LogEntry): void {
    this.#last = entry.position;
    this.#recent.push(entry.position);
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
    this.events.entry(entry, this.#isStarting);
  }

  #behind(): void {
    this.#isBehind = true;
    if (!this.#isReading) void this.#readUntilCurrent();
  }

  async #readUntilCurrent(): Promise<void> {
    this.#isReading = true;
    while (this.#isBehind && !this.#stopped.signal.aborted) {
      this.#isBehind = false;
      // Any other failure is one of the store's code, and met again with the next bell.
      await retryWhileUnavailable(() => this.#readForAll(), { signal: this.#stopped.signal }).catch(() => {});
    }
    this.#isReading = false;
  }

  /** Those who wait hear of the first failure: what they need it for may be possible without. */
  async #readForAll(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      await this.#readLog();
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      throw error;
    }
  }

  async #readLog(): Promise<void> {
    for (;;) {
      const slice = await this.store.entries(this.key, this.tag, this.#last, CHUNK);
      if (this.#stopped.signal.aborted) return;
      if (!slice) {
        await this.#beginAnew();
        continue;
      }
      if (this.#last !== undefined && !isComplete(slice, this.#last)) {
        // Entries may come twice rather than never: those taken before are recognized by their content.
        await this.#beginAnew();
        continue;
      }
      for (const entry of slice.entries) this.#take(entry);
      if (slice.isAll) return;
    }
  }

  async #beginAnew(): Promise<void> {
    this.#last = undefined;
    await this.events.ensure();
    if (!this.#isStarting) this.events.gap?.();
  }

  #settle(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) settle(each);
  }
}
