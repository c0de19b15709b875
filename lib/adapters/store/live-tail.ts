import type { Bell, LogEntry, LogPosition } from '../store.js';

/** Characters that wait for one reader; one that is slower reads the log instead. */
const MAX_QUEUED = 256 * 1024;

/** Positions by which a bell that is rung twice is known. */
const MAX_GIVEN = 32;

/** Entries that bells have brought one reader since it last looked. */
export class LiveTail {
  #queue: LogEntry[] = [];
  #queued = 0;
  #mustReadLog = true;
  #given: LogPosition[] = [];
  #wake: (() => void) | undefined;

  constructor(private readonly tag: string) {}

  offer(bell: Bell): void {
    if (bell === 'changed') return;
    if (typeof bell === 'string') return this.miss();
    if (bell.tag !== this.tag) return;
    this.#queue.push(bell);
    this.#queued += bell.body.length;
    if (this.#queued > MAX_QUEUED) this.miss();
    this.#wake?.();
  }

  /** Something may have come that was not offered. */
  miss(): void {
    this.#mustReadLog = true;
    this.#wake?.();
  }

  /** The entry that directly follows a position. If another one has come instead, the log is to be read. */
  take(last: LogPosition): LogEntry | undefined {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      this.#queued -= entry.body.length;
      if (entry.previous === last) return entry;
      if (entry.position === last || this.#given.includes(entry.position)) continue;
      this.#mustReadLog = true;
      return undefined;
    }
    return undefined;
  }

  /** Notes what a reader was given. */
  give(position: LogPosition): void {
    this.#given.push(position);
    if (this.#given.length > MAX_GIVEN) this.#given.shift();
  }

  /** Checks whether the log is to be read, and resets that: entries rung before are in the log, later ones ring anew. */
  beginReading(): boolean {
    if (!this.#mustReadLog) return false;
    this.#mustReadLog = false;
    this.#queue = [];
    this.#queued = 0;
    return true;
  }

  /** Resolves when there is something to look at, or the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#queue.length > 0 || this.#mustReadLog || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake);
    });
  }
}
