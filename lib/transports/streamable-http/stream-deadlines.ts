import type { ServerResponse } from 'node:http';
import { Roster } from '../../collections/roster.js';

/** The most that a timer of Node can wait; it takes more for 1. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** A stream that must not outlive the credentials it was opened with. */
interface Watched {
  readonly deadline: number;
  readonly end: () => void;
}

/** Ends streams when what let them in is worth nothing any more. One timer for all of them, and none without. */
export class StreamDeadlines {
  readonly #deadlines = new WeakMap<ServerResponse, number>();
  readonly #watched = new Roster<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #next = Infinity;

  /** Says until when a response may be a stream, in milliseconds since the epoch. */
  set(response: ServerResponse, deadline: number): void {
    this.#deadlines.set(response, deadline);
  }

  /** Calls `end` when the time of the response is over, unless it has closed by then. */
  watch(response: ServerResponse, end: () => void): void {
    const deadline = this.#deadlines.get(response);
    if (deadline === undefined) return;
    const expire = () => {
      leave();
      end();
    };
    const leave = this.#watched.add({ deadline, end: expire });
    response.once('close', () => {
      leave();
      if (this.#watched.size === 0) this.#stop();
    });
    this.#schedule(deadline);
  }

  #schedule(deadline: number): void {
    if (deadline >= this.#next) return;
    this.#stop();
    this.#next = deadline;
    const delay = Math.min(Math.max(deadline - Date.now(), 0), LONGEST_DELAY_MS);
    this.#timer = setTimeout(() => this.#endExpired(), delay).unref();
  }

  #endExpired(): void {
    this.#stop();
    const now = Date.now();
    let next = Infinity;
    for (const { deadline, end } of this.#watched) {
      if (deadline > now) next = Math.min(next, deadline);
      else end();
    }
    this.#schedule(next);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = Infinity;
  }
}
