import type { ServerResponse } from 'node:http';
import { Roster } from '../../collections/roster.js';
import type { Lease } from './authenticator.js';
import { SseStream, type SseLimits } from './sse-stream.js';
import { StreamDeadlines } from './stream-deadlines.js';

/** How long a reader may take nothing of what waits for it, in keep-alive periods. */
const MAX_STALLED_PERIODS = 3;

/** The streams that are open now, kept alive by one timer for all of them. */
export class OpenStreams {
  readonly limits: SseLimits;
  readonly #streams = new Roster<SseStream>();
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
