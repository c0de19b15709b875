import { Bag } from '../../collections/bag.js';

interface Limited {
  readonly until: number;
  readonly expire: () => void;
}

/** Limits how long promises may take. All share one timer, which rests while nothing is limited. */
export class Deadlines {
  readonly #limited = new Bag<Limited>();
  #timer: NodeJS.Timeout | undefined;
  #ringsAt = Infinity;

  /** The outcome of `work`; a rejection with what `toError` makes once `until` (as of `Date.now()`) is over. */
  limit<T>(work: Promise<T>, until: number, toError: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const expire = () => {
        leave();
        reject(toError());
      };
      const leave = this.#limited.add({ until, expire });
      if (until < this.#ringsAt) this.#ringAt(until);
      work.then(
        (value) => {
          leave();
          resolve(value);
        },
        (error: Error) => {
          leave();
          reject(error);
        },
      );
    });
  }

  /** Forgets what is limited: it takes as long as it takes. */
  close(): void {
    clearTimeout(this.#timer);
    this.#limited.clear();
    this.#ringsAt = Infinity;
  }

  #ringAt(time: number): void {
    clearTimeout(this.#timer);
    this.#ringsAt = time;
    this.#timer = setTimeout(() => this.#ring(), Math.max(time - Date.now(), 1)).unref();
  }

  #ring(): void {
    this.#ringsAt = Infinity;
    const now = Date.now();
    let next = Infinity;
    for (const limited of this.#limited) {
      if (limited.until > now) next = Math.min(next, limited.until);
      else limited.expire();
    }
    if (next < Infinity) this.#ringAt(next);
  }
}
