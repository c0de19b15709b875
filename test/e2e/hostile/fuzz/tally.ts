import type { Exchange } from './connection.js';

/** Counts what was sent and how it was answered. */
export class Tally {
  requests = 0;
  /** Failures the library logged that no handler threw on purpose. */
  logged = 0;
  readonly #statuses = new Map<number, number>();
  readonly #started = performance.now();

  count({ status }: Pick<Exchange, 'status'>): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  get perSecond(): number {
    return Math.round(this.requests / ((performance.now() - this.#started) / 1000));
  }

  /** How many answers had which status; `0` for connections that ended before. */
  get statuses(): string {
    const sorted = [...this.#statuses].sort(([a], [b]) => a - b);
    return sorted.map(([status, count]) => `${status}: ${count}`).join(', ');
  }
}
