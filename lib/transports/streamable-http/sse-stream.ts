import type { ServerResponse } from 'node:http';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** So much text is sent at once; less waits for what else is said in the same turn. */
const CHUNK_LENGTH = 16 * 1024;

/** A response that is a stream of server-sent events. */
export class SseStream {
  #unsent = '';
  #drained: Promise<void> | undefined;

  /** `maxBufferedBytes` may wait for a slow reader when the next message comes; more ends the connection. */
  constructor(
    private readonly response: ServerResponse,
    private readonly maxBufferedBytes: number,
  ) {
    if (response.headersSent) return;
    // They go out with the first message, or comment: whoever opens a stream says something at once.
    response.writeHead(200, HEADERS);
    // A guard or interceptor that sets headers comes too late from now on, which is no failure of the call it is for.
    response.setHeader = () => response;
  }

  /** Writes one message; resolves when there is room for the next. A lost reader is no error here. */
  send(data: string, id?: string): Promise<void> | void {
    return this.#write(
      `${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${onOneLine(data)}\n\n`,
    );
  }

  /** Tells the client where to resume and how soon, before there is a message. */
  prime(id: string, retryMs: number): Promise<void> | void {
    return this.#write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  /** Tells the client how soon to come back. */
  retry(retryMs: number): Promise<void> | void {
    return this.#write(`retry: ${retryMs}\n\n`);
  }

  /** Keeps proxies from closing a quiet stream. Says nothing while a reader has something to take. */
  keepAlive(): void {
    if (!this.#drained) void this.#write(':\n\n');
  }

  end(): void {
    this.#flush();
    this.response.end();
  }

  #write(text: string): Promise<void> | void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > this.maxBufferedBytes) {
      response.destroy();
      return;
    }
    if (this.#unsent === '') process.nextTick(() => this.#flush());
    this.#unsent += text;
    if (this.#unsent.length >= CHUNK_LENGTH) this.#flush();
    return this.#drained;
  }

  /** One chunk for all that was said in a turn: to frame and to send each message costs more than to make it. */
  #flush(): void {
    const { response } = this;
    const text = this.#unsent;
    this.#unsent = '';
    if (text === '' || response.destroyed || response.writableEnded) return;
    if (!response.write(text)) this.#drained ??= this.#drain();
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

const LINE_SEPARATORS = /[\u0085\u2028\u2029]/g;

/** Escapes, inside JSON, what clients with naive line splitting take for the end of a line. */
function onOneLine(json: string): string {
  return json.replace(
    LINE_SEPARATORS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
