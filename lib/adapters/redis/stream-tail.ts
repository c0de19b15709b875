import type { LiveEvent } from './live-event.js';

/** Characters of live events that wait for one reader; one that is slower reads the log instead. */
const MAX_QUEUED = 256 * 1024;

/** What has come for one reader of a stream since it last looked. */
export class StreamTail {
  #queue: LiveEvent[] = [];
  #queued = 0;
  #mustReadLog = true;
  #wake: (() => void) | undefined;

  /** Takes a live event, as it comes or a second time. */
  offer(event: LiveEvent): void {
    this.#queue.push(event);
    this.#queued += event.stored.length;
    if (this.#queued > MAX_QUEUED) this.#overflow();
    this.#wake?.();
  }

  /** Says that something may have come which was not offered. */
  miss(): void {
    this.#mustReadLog = true;
    this.#wake?.();
  }

  /** The live event that directly follows `sequence`. If only later ones have come, the log is to be read. */
  take(sequence: number): LiveEvent | undefined {
    for (let event = this.#queue[0]; event; event = this.#queue[0]) {
      if (event.sequence > sequence) {
        if (event.previous === sequence && event.stored !== '') return this.#shift();
        this.#mustReadLog = true;
        return undefined;
      }
      this.#shift();
    }
    return undefined;
  }

  /** Whether the log is to be read. Asking settles it: what comes from now on is told anew. */
  beginReading(): boolean {
    const mustRead = this.#mustReadLog;
    this.#mustReadLog = false;
    return mustRead;
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

  #shift(): LiveEvent | undefined {
    const event = this.#queue.shift();
    this.#queued -= event?.stored.length ?? 0;
    return event;
  }

  #overflow(): void {
    this.#queue = [];
    this.#queued = 0;
    this.#mustReadLog = true;
  }
}
