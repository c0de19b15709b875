/** How long a measurement is trusted: a clock that was set meanwhile is noticed by the next one. */
const FRESH_MS = 5_000;

/** How long a good measurement is better than others that confirm it: clocks drift. */
const DRIFT_MS = 10 * 60_000;

/** Difference between the two clocks of this process that shows that it stood still, or that one of them was set. */
const JUMP_MS = 200;

/** How much earlier than its time a timer of Node may ring. */
const EARLY_MS = 2;

interface Measurement {
  /** Milliseconds that the server is ahead of `performance.now()`, give or take `errorMs`. */
  readonly aheadMs: number;
  readonly errorMs: number;
  readonly takenAt: number;
  /** When it was confirmed. */
  readonly at: number;
  readonly jumpMs: number;
}

/** The clock of the server, as far as it was measured. No clocks of instances are compared. */
export class ServerClock {
  #measured: Measurement | undefined;

  get isMeasured(): boolean {
    return this.#measured !== undefined;
  }

  /** `true` while the last measurement can be trusted. */
  get isFresh(): boolean {
    const measured = this.#measured;
    return measured !== undefined && performance.now() - measured.at < FRESH_MS && !hasJumped(measured);
  }

  /** The time of the server in milliseconds; NaN before it was measured. */
  now(): number {
    return Math.round(performance.now() + (this.#measured?.aheadMs ?? NaN));
  }

  /** Learns from a message that was stored at `time`, between these two times of `performance.now()`. */
  learn(from: number, to: number, time: Date): void {
    // A time of the server has no part of a millisecond.
    const errorMs = (to - from) / 2 + 1;
    const aheadMs = time.getTime() - (from + to) / 2;
    const old = this.#measured;
    const isConfirmed = old && Math.abs(aheadMs - old.aheadMs) <= errorMs + old.errorMs && !hasJumped(old);
    if (isConfirmed && old.errorMs < errorMs && to - old.takenAt < DRIFT_MS) {
      this.#measured = { ...old, at: to };
    } else {
      this.#measured = { aheadMs, errorMs, takenAt: to, at: to, jumpMs: jumpOf() };
    }
  }

  /** Assumes the time of this process, if nothing better is known. */
  assume(): void {
    const never = { takenAt: -Infinity, at: -Infinity };
    this.#measured ??= { aheadMs: jumpOf(), errorMs: Infinity, ...never, jumpMs: jumpOf() };
  }

  /**
   * The time of the server that has not come at a time of `performance.now()` when something is given up, for sure;
   * `undefined` if that is not known.
   */
  before(time: number): number | undefined {
    const { aheadMs = 0, errorMs = Infinity } = this.#measured ?? {};
    return errorMs === Infinity ? undefined : Math.floor(time + aheadMs - errorMs - EARLY_MS);
  }

  /** `true` if a time of the server has not come yet, for sure. */
  isBefore(time: number): boolean {
    const { aheadMs, errorMs } = this.#measured ?? { aheadMs: 0, errorMs: Infinity };
    return this.isFresh && performance.now() + aheadMs + errorMs < time;
  }
}

function hasJumped({ jumpMs }: Measurement): boolean {
  return Math.abs(jumpOf() - jumpMs) >= JUMP_MS;
}

/** Difference between the two clocks of this process. */
function jumpOf(): number {
  return Date.now() - performance.now();
}
