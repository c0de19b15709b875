import type { ServerResponse } from 'node:http';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** Bytes that may wait for a slow reader before its connection is given up. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** A response that is a stream of server-sent events. */
export class SseStream {
  constructor(private readonly response: ServerResponse) {
    if (response.headersSent) return;
    response.writeHead(200, HEADERS);
    response.flushHeaders();
  }

  /** Writes one message; resolves when there is room for the next. A lost reader is no error here. */
  send(data: string): Promise<void> | void {
    return this.#write(`event: message\ndata: ${data}\n\n`);
  }

  /** Keeps proxies from closing a quiet stream. */
  comment(): void {
    void this.#write(':\n\n');
  }

  end(): void {
    this.response.end();
  }

  #write(text: string): Promise<void> | void {
    const { response } = this;
    if (response.destroyed || response.writableEnded || response.write(text)) return;
    if (response.writableLength > MAX_BUFFERED_BYTES) {
      response.destroy();
      return;
    }
    return new Promise((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }
}
