import type { ServerResponse } from 'node:http';
import { MAX_DELAY_MS } from '../../../protocol/delays.js';
import { Bag } from '../../../collections/bag.js';
import type { Lease } from './authenticator.js';
import { SseStream, type SseLimits } from './sse-stream.js';

/** Longest time for a reader to take nothing of what waits for it, in keep-alive periods. */
const MAX_STALLED_PERIODS = 3;

/** The streams that are open now, kept alive by one timer for all of them. */
export class OpenStreams {
  readonly limits: SseLimits;
  readonly #streams = new Bag<SseStream>();
  readonly #deadlines = new StreamDeadlines();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keepAliveMs: number,
    maxBufferedBytes: number,
  ) {
    this.limits = { maxBufferedBytes, stallMs: keepAliveMs * MAX_STALLED_PERIODS };
  }

  get size(): number {
    return this.#streams.size;
  }

  [Symbol.iterator](): Iterator<SseStream> {
    return this.#streams[Symbol.iterator]();
  }

  /** Limits how long a response may be a stream. */
  limit(response: ServerResponse, lease: Lease): void {
    this.#deadlines.set(response, lease);
  }

  /** Makes a response a stream. `onExpired` ends it when its time is over. */
  open(response: ServerResponse, onExpired: () => void): SseStream {
    const stream = new SseStream(response, this.limits, onExpired);
    this.add(stream);
    return stream;
  }

  /** Keeps a stream alive until its connection is gone, and ends it when its time is over. */
  add(stream: SseStream): void {
    const { response } = stream;
    this.#deadlines.watch(response, () => stream.expire());
    const leave = this.#streams.add(stream);
    response.once('close', () => {
      leave();
      if (this.#streams.size === 0) this.#rest();
      stream.closed();
    });
    this.#timer ??= setInterval(() => {
      for (const open of this.#streams) open.keepAlive();
    }, this.keepAliveMs).unref();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A stream that must not outlive the credentials it was opened with. */
interface Watched {
  readonly deadline: number;
  /** Ends the stream, unless its credentials turn out to be good for longer. */
  readonly expire: () => void;
}

/** Ends streams when what let them in is worth nothing any more. One timer for all of them, and none without. */
export class StreamDeadlines {
  readonly #leases = new WeakMap<ServerResponse, Lease>();
  readonly #watched = new Bag<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #next = Infinity;

  /** Sets the deadline of a response that is a stream. */
  set(response: ServerResponse, lease: Lease): void {
    this.#leases.set(response, lease);
  }

  /** Calls `end` when the time of the response is over, unless it has closed by then. */
  watch(response: ServerResponse, end: () => void): void {
    const lease = this.#leases.get(response);
    if (lease) this.#watchUntil(lease.until(), lease, response, end);
  }

  #watchUntil(deadline: number, lease: Lease, response: ServerResponse, end: () => void): void {
    const expire = () => {
      close();
      response.off('close', close);
      if (!lease.renew) return end();
      void lease.renew().then((until) => {
        if (response.destroyed || response.writableEnded) return;
        if (until === undefined) end();
        else this.#watchUntil(until, lease, response, end);
      });
    };
    const leave = this.#watched.add({ deadline, expire });
    const close = () => {
      leave();
      if (this.#watched.size === 0) this.#stop();
    };
    response.once('close', close);
    this.#schedule(deadline);
  }

  #schedule(deadline: number): void {
    if (deadline >= this.#next) return;
    this.#stop();
    this.#next = deadline;
    const delay = Math.min(Math.max(deadline - Date.now(), 0), MAX_DELAY_MS);
    this.#timer = setTimeout(() => this.#endExpired(), delay).unref();
  }

  #endExpired(): void {
    this.#stop();
    const now = Date.now();
    let next = Infinity;
    for (const { deadline, expire } of [...this.#watched]) {
      if (deadline > now) next = Math.min(next, deadline);
      else expire();
    }
    this.#schedule(next);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = Infinity;
  }
}
