import { PATIENCE_MS } from '../history/check-call.js';
import type { Outages } from '../outages.js';

const LOOK_EVERY_MS = 250;

/** How long a client waits: as long as the work takes, and then until the system was whole for long enough. */
export class Patience {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(outages: Outages, takesMs: number) {
    const from = Date.now() + takesMs;
    this.#timer = setInterval(() => {
      if (outages.waited(from, Date.now()) > PATIENCE_MS) this.#over.abort();
    }, LOOK_EVERY_MS);
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#over.abort();
  }
}
