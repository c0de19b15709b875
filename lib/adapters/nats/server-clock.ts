/** How long a measurement holds: a clock that was set meanwhile is noticed by the next one. */
const FRESH_MS = 5_000;

/** Difference between the two clocks of this process that shows that it stood still, or that one of them was set. */
const JUMP_MS = 200;

/** How much earlier than its time a timer of Node may ring. */
const EARLY_MS = 2;

interface Measurement {
  /** Milliseconds that the server is ahead of `performance.now()`, give or take `errorMs`. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly at: number;
  readonly jumpMs: number;
}

/** The clock of the server, as far as it was measured. No clocks of instances are compared. */
export class ServerClock {
  #measured: Measurement | undefined;

  get isMeasured(): boolean {
    return this.#measured !== undefined;
  }

  /** Whether it was measured a moment ago. */
  get isFresh(): boolean {
    const { at = -Infinity, jumpMs = NaN } = this.#measured ?? {};
    return performance.now() - at < FRESH_MS && Math.abs(jumpOf() - jumpMs) < JUMP_MS;
  }

  /** The time of the server in milliseconds; NaN before it was measured. */
  now(): number {
    return Math.round(performance.now() + (this.#measured?.aheadMs ?? NaN));
  }

  /** Learns from a message that was stored at `time`, between these two times of `performance.now()`. */
  learn(from: number, to: number, time: Date): void {
    // A time of the server has no part of a millisecond.
    const errorMs = (to - from) / 2 + 1;
    this.#measured = { aheadMs: time.getTime() - (from + to) / 2, errorMs, at: to, jumpMs: jumpOf() };
  }

  /** Assumes the time of this process, if nothing better is known. */
  assume(): void {
    this.#measured ??= { aheadMs: jumpOf(), errorMs: Infinity, at: -Infinity, jumpMs: NaN };
  }

  /**
   * The time of the server that has not come at a time of `performance.now()` when something is given up, for sure;
   * `undefined` if that is not known.
   */
  before(time: number): number | undefined {
    const { aheadMs = 0, errorMs = Infinity } = this.#measured ?? {};
    return errorMs === Infinity ? undefined : Math.floor(time + aheadMs - errorMs - EARLY_MS);
  }

  /** Whether a time of the server has not come yet, for sure. */
  isBefore(time: number): boolean {
    const { aheadMs, errorMs } = this.#measured ?? { aheadMs: 0, errorMs: Infinity };
    return this.isFresh && performance.now() + aheadMs + errorMs < time;
  }
}

function jumpOf(): number {
  return Date.now() - performance.now();
}
