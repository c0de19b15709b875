import type { ServerResponse } from 'node:http';
import { Roster } from '../../collections/roster.js';
import type { Lease } from './authenticator.js';
import { SseStream } from './sse-stream.js';
import { StreamDeadlines } from './stream-deadlines.js';

/** How long a reader may take nothing of what waits for it, in keep-alive periods. */
const MAX_STALLED_PERIODS = 3;

/** The streams that are open now: where they are made, and kept alive by one timer for all of them. */
export class OpenStreams {
  readonly #streams = new Roster<SseStream>();
  readonly #deadlines = new StreamDeadlines();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keepAliveMs: number,
    readonly maxBufferedBytes: number,
  ) {}

  get size(): number {
    return this.#streams.size;
  }

  /** Says until when a response may be a stream. */
  limit(response: ServerResponse, lease: Lease): void {
    this.#deadlines.set(response, lease);
  }

  /** Makes a response a stream. `onExpired` ends it when its time is over. */
  open(response: ServerResponse, onExpired: () => void): SseStream {
    const stream = new SseStream(response, {
      maxBufferedBytes: this.maxBufferedBytes,
      stallMs: this.keepAliveMs * MAX_STALLED_PERIODS,
    });
    this.#deadlines.watch(response, onExpired);
    const leave = this.#streams.add(stream);
    response.once('close', () => {
      leave();
      if (this.#streams.size === 0) this.#rest();
    });
    this.#timer ??= setInterval(() => {
      for (const open of this.#streams) open.keepAlive();
    }, this.keepAliveMs).unref();
    return stream;
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
