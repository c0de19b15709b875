import type { ServerResponse } from 'node:http';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** Bytes that may wait for a slow reader when the next message comes, before its connection is given up. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** How often a reader may be found unable to take more, from one keep-alive to the next, before it is given up. */
const MAX_STALLS = 2;

/** A response that is a stream of server-sent events. */
export class SseStream {
  #drained: Promise<void> | undefined;
  #stalls = 0;

  constructor(
    private readonly response: ServerResponse,
    private readonly maxBufferedBytes = MAX_BUFFERED_BYTES,
  ) {
    if (response.headersSent) return;
    response.writeHead(200, HEADERS);
    response.flushHeaders();
  }

  /** Writes one message; resolves when there is room for the next. A lost reader is no error here. */
  send(data: string, id?: string): Promise<void> | void {
    return this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${data}\n\n`);
  }

  /** Tells the client where to resume and how soon, before there is a message. */
  prime(id: string, retryMs: number): Promise<void> | void {
    return this.#write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  /** Tells the client how soon to come back. */
  retry(retryMs: number): Promise<void> | void {
    return this.#write(`retry: ${retryMs}\n\n`);
  }

  /** Keeps proxies from closing a quiet stream. A reader that takes nothing for too long is given up. */
  keepAlive(): void {
    this.#stalls = this.response.writableLength > 0 ? this.#stalls + 1 : 0;
    if (this.#stalls > MAX_STALLS) this.response.destroy();
    else if (!this.#drained) void this.#write(':\n\n');
  }

  end(): void {
    this.response.end();
  }

  #write(text: string): Promise<void> | void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > this.maxBufferedBytes) {
      response.destroy();
      return;
    }
    if (!response.write(text)) return (this.#drained ??= this.#drain());
  }

  #drain(): Promise<void> {
    const { response } = this;
    return new Promise((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        this.#drained = undefined;
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }
}
