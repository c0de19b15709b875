import type { SseStream } from './sse-stream.js';

/** The streams that are open now, kept alive by one timer for all of them. */
export class OpenStreams {
  readonly #streams = new Set<SseStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly keepAliveMs: number) {}

  get size(): number {
    return this.#streams.size;
  }

  add(stream: SseStream): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => {
      for (const open of this.#streams) open.keepAlive();
    }, this.keepAliveMs).unref();
  }

  delete(stream: SseStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
