import type { ServerResponse } from 'node:http';
import { Backlog } from '../../backlog.js';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** So much text is sent at once; less waits for what else is said in the same turn. */
const CHUNK_LENGTH = 16 * 1024;
const MAX_CHUNK_LENGTH = 64 * 1024;

/** Longest time for a reader to take nothing while there is no room for more. */
const HURRY_MS = 5000;

/** Limits of a stream's reader. */
export interface SseLimits {
  /** Text that may wait for a slow reader. What cannot be dropped waits beyond it. */
  readonly maxBufferedBytes: number;
  /** Longest time for the reader to take nothing of what waits for it. */
  readonly stallMs: number;
}

/** Response that is a stream of server-sent events. */
export class SseStream {
  #unsent: string[] | undefined;
  readonly #backlog: Backlog;
  #isHurried = false;
  /** Pending while Node holds back what was written, as the reader has not taken it. */
  #drained: Promise<void> | undefined;

  constructor(
    readonly response: ServerResponse,
    private readonly limits: SseLimits,
    private readonly onExpired?: () => void,
  ) {
    this.#backlog = new Backlog(limits.maxBufferedBytes);
    // A response that waits for earlier ones of its connection has no socket yet.
    if (response.socket) this.#limitStall();
    else response.once('socket', () => this.#limitStall());
    if (response.headersSent) return;
    // They go out with the first message, or comment: each stream says something at once.
    response.writeHead(200, HEADERS);
    response.setHeader = ignoreHeader;
  }

  /** Resolves when there is room for the next message, or the reader is gone; `undefined` when there is now. */
  get drained(): Promise<void> | undefined {
    return this.#drained;
  }

  /** Writes one message; resolves when there is room for the next. A lost reader is no error here. */
  send(data: string, id?: string): Promise<void> | void {
    return this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${data}\n\n`);
  }

  /** Writes one message unless too much waits already. @returns whether it did */
  offer(data: string): boolean {
    if (this.#backlog.isFull && this.#drained) {
      this.hurry();
      return false;
    }
    void this.send(data);
    return true;
  }

  /** Sends the client a position to resume from and a retry delay, before there is a message. */
  prime(id: string, retryMs: number): Promise<void> | void {
    return this.#write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  /** Sends the client a retry delay. */
  retry(retryMs: number): Promise<void> | void {
    return this.#write(`retry: ${retryMs}\n\n`);
  }

  /** Keeps proxies from closing a quiet stream. Says nothing while a reader has something to take. */
  keepAlive(): void {
    if (!this.#drained) void this.#write(':\n\n');
  }

  /** Gives a reader that takes nothing less time, until it takes something. */
  hurry(): void {
    if (this.#isHurried || !this.#drained) return;
    this.#isHurried = true;
    if (this.limits.stallMs > HURRY_MS) this.response.setTimeout(HURRY_MS);
  }

  /** Called when the credentials it was opened with are worth nothing any more. */
  expire(): void {
    this.onExpired?.();
  }

  /** Called when the connection is gone. */
  closed(): void {}

  /** Ends the stream behind all that was written. */
  end(): void {
    const { response } = this;
    const rest = this.#take(Infinity);
    if (rest !== '' && !response.destroyed && !response.writableEnded) response.write(rest);
    response.end();
  }

  #write(text: string): Promise<void> | void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    this.#unsent ??= [];
    if (this.#unsent.length === 0 && !this.#drained) process.nextTick(() => this.#flush());
    this.#unsent.push(text);
    this.#backlog.add(text.length);
    if (this.#backlog.length >= CHUNK_LENGTH) this.#flush();
    return this.#drained;
  }

  /** One chunk for all that was said in a turn: to frame and to send each message costs more than to make it. */
  #flush(): void {
    const { response } = this;
    while (!this.#drained && this.#unsent) {
      const text = this.#take(MAX_CHUNK_LENGTH);
      if (response.destroyed || response.writableEnded) return;
      if (!response.write(text)) this.#drained = this.#drain();
    }
  }

  /** Takes what waits, up to and with the message that makes it more than `maxLength`. */
  #take(maxLength: number): string {
    const unsent = this.#unsent ?? [];
    let text = '';
    let count = 0;
    while (count < unsent.length && text.length <= maxLength) text += unsent[count++] as string;
    this.#backlog.remove(text.length);
    this.#unsent = count < unsent.length ? unsent.slice(count) : undefined;
    return withPlainLines(text);
  }

  #drain(): Promise<void> {
    const { response } = this;
    return new Promise((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        this.#drained = undefined;
        if (this.#isHurried && this.limits.stallMs > HURRY_MS) response.setTimeout(this.limits.stallMs);
        this.#isHurried = false;
        this.#flush();
        // The messages that were held back may fill the buffer again.
        resolve(this.#drained);
      };
      response.on('drain', done).on('close', done);
    });
  }

  /**
   * Breaks the connection of a reader that takes nothing of what waits for it. Node looks whether anything was written or
   * taken, so a slow reader is not given up as long as it reads.
   */
  #limitStall(): void {
    const { response } = this;
    const usual = response.socket?.timeout ?? 0;
    response.setTimeout(this.limits.stallMs, () => response.destroy());
    // The time-out is the connection's. First of all listeners, as Node sets that of an idle connection next.
    response.prependOnceListener('finish', () => response.setTimeout(usual));
  }
}

/** A guard or interceptor that sets headers comes too late from now on, which is no failure of the call it is for. */
function ignoreHeader(this: ServerResponse): ServerResponse {
  return this;
}

const LINE_SEPARATORS = ['\u0085', '\u2028', '\u2029'];

/** Escapes, inside the JSON of messages, what clients with naive line splitting take for the end of a line. */
function withPlainLines(text: string): string {
  let plain = text;
  for (const separator of LINE_SEPARATORS) {
    // Looking for one character is a tenth of looking for one of several, and mostly there is none.
    if (!plain.includes(separator)) continue;
    plain = plain.replaceAll(separator, `\\u${separator.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  return plain;
}
