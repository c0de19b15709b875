/** How much of a stream is kept. The newest event is kept whatever its size. */
export interface EventLogLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface LoggedEvent {
  readonly sequence: number;
  readonly message: unknown;
  readonly bytes: number;
}

/**
 * The newest events of one stream, in a ring: appending costs the same however many there are, reading costs what is
 * read.
 */
export class EventLog {
  readonly #ring: (LoggedEvent | undefined)[] = [];
  #first = 0;
  #count = 0;
  #bytes = 0;
  #droppedUpTo: number;
  readonly #waiting: (() => void)[] = [];
  /** Number of current readers of the stream. Counted by the readers. */
  readers = 0;

  /** `startsAfter` is the last sequence number given out before this log began. */
  constructor(
    private readonly limits: EventLogLimits,
    startsAfter: number,
  ) {
    this.#droppedUpTo = startsAfter;
  }

  append(sequence: number, message: unknown): void {
    const bytes = Buffer.byteLength(typeof message === 'string' ? message : JSON.stringify(message ?? null));
    if (this.#count === this.#ring.length && this.#ring.length < this.limits.maxEvents) this.#grow();
    if (this.#count === this.#ring.length) this.#drop();
    this.#ring[(this.#first + this.#count) % this.#ring.length] = { sequence, message, bytes };
    this.#count++;
    this.#bytes += bytes;
    while (this.#bytes > this.limits.maxBytes && this.#count > 1) this.#drop();
    this.wake();
  }

  /** Checks whether everything after this sequence number is still there. */
  holdsAllAfter(sequence: number): boolean {
    return sequence >= this.#droppedUpTo && sequence <= this.#lastSequence();
  }

  /** The first event after this sequence number. */
  after(sequence: number): LoggedEvent | undefined {
    const place = this.#placeAfter(sequence);
    return place < this.#count ? this.#at(place) : undefined;
  }

  /** The events after this sequence number that there are now. */
  allAfter(sequence: number): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    for (let place = this.#placeAfter(sequence); place < this.#count; place++) events.push(this.#at(place));
    return events;
  }

  #placeAfter(sequence: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle).sequence > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Resolves with the next append, or `wake`. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #at(position: number): LoggedEvent {
    return this.#ring[(this.#first + position) % this.#ring.length] as LoggedEvent;
  }

  #lastSequence(): number {
    return this.#count === 0 ? this.#droppedUpTo : this.#at(this.#count - 1).sequence;
  }

  #drop(): void {
    const dropped = this.#at(0);
    this.#droppedUpTo = dropped.sequence;
    this.#bytes -= dropped.bytes;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
  }

  /** Doubles the ring, so that a short stream stays small and each append is cheap on average. */
  #grow(): void {
    const events = Array.from({ length: this.#count }, (_, position) => this.#at(position));
    this.#ring.length = 0;
    this.#ring.push(...events);
    this.#ring.length = Math.min(Math.max(4, events.length * 2), this.limits.maxEvents);
    this.#first = 0;
  }
}
