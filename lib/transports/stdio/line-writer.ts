import type { Writable } from 'node:stream';
import type { SubscriptionSink } from '../../subscriptions/subscription.js';
import { Backlog } from '../backlog.js';

/** Writes messages, one a line, as fast as they are read. */
export class LineWriter implements Omit<SubscriptionSink, 'end'> {
  readonly #backlog: Backlog;
  #drained: Promise<void> | undefined;
  #pending = 0;
  #onFlushed: (() => void) | undefined;

  constructor(
    private readonly output: Writable,
    maxBufferedBytes: number,
  ) {
    this.#backlog = new Backlog(maxBufferedBytes);
  }

  /** Resolves when there is room for the next message, or the reader has gone; `undefined` when there is room now. */
  get drained(): Promise<void> | undefined {
    return this.#drained;
  }

  /** Writes a message, however slow its reader is; resolves when there is room for the next. */
  send(text: string): Promise<void> | void {
    const { output } = this;
    if (!output.writable) return;
    const { length } = text;
    this.#backlog.add(length);
    this.#pending++;
    const hasRoom = output.write(`${text}\n`, () => {
      this.#backlog.remove(length);
      if (--this.#pending === 0) this.#onFlushed?.();
    });
    if (!hasRoom) this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Writes a message unless too much waits already. @returns whether it did */
  offer(text: string): boolean {
    if (this.#backlog.isFull && this.#drained) return false;
    void this.send(text);
    return true;
  }

  /** Resolves when all that was written has been taken, or cannot be any more. */
  flushed(): Promise<void> {
    if (this.#pending === 0 || !this.output.writable) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onFlushed = resolve;
      this.output.once('close', resolve);
    });
  }

  #drain(): Promise<void> {
    const { output } = this;
    return new Promise((resolve) => {
      const done = () => {
        output.off('drain', done).off('close', done);
        this.#drained = undefined;
        resolve();
      };
      output.on('drain', done).on('close', done);
    });
  }
}
