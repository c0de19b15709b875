import type { ServerResponse } from 'node:http';

/** How long a reader may take nothing while there is no room for more. */
const HURRY_MS = 5000;

/**
 * Breaks the connection of a reader that takes nothing of what waits for it. Node looks whether anything was written or
 * taken, so a slow reader is not given up as long as it reads.
 */
export class StallLimit {
  constructor(
    private readonly response: ServerResponse,
    private readonly limitMs: number,
  ) {
    // A response that waits for earlier ones of its connection has no socket yet.
    if (response.socket) this.#begin();
    else response.once('socket', () => this.#begin());
  }

  /** Gives the reader less time, until `relax`. */
  hurry(): void {
    if (this.limitMs > HURRY_MS) this.response.setTimeout(HURRY_MS);
  }

  relax(): void {
    if (this.limitMs > HURRY_MS) this.response.setTimeout(this.limitMs);
  }

  #begin(): void {
    const { response } = this;
    const usual = response.socket?.timeout ?? 0;
    response.setTimeout(this.limitMs, () => response.destroy());
    // The time-out is the connection's. First of all listeners, as Node sets that of an idle connection next.
    response.prependOnceListener('finish', () => response.setTimeout(usual));
  }
}
