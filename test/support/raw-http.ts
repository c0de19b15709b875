import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { HttpReader, type ResponseHead } from './http-reader.js';
import { SseReader, type SseEvent } from './sse.js';

export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cut the connection when so many bytes have come; what comes after them was never received. */
  readonly cutAfter?: number;
}

/** One request on a socket of its own, whose answer is read as it comes. The connection can be cut or left unread. */
export class RawExchange {
  readonly events: SseEvent[] = [];
  readonly closed: Promise<void>;
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  /** The body so far, without its transfer encoding. */
  text = '';
  /** True once the answer has come to its end, rather than the connection. */
  isComplete = false;
  receivedBytes = 0;
  readonly #socket: Socket;
  readonly #sse = new SseReader();
  readonly #waiting = new Set<() => void>();
  readonly #reader = new HttpReader({
    isBodiless: () => false,
    onHead: (head) => this.#readHead(head),
    onBody: (bytes) => this.#decoded(bytes),
    onEnd: () => (this.isComplete = true),
  });
  readonly #utf8 = new StringDecoder('utf8');

  constructor(
    url: string,
    private readonly request: RawRequest,
  ) {
    const { hostname, port, host, pathname } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    void this.closed.then(() => this.#changed());
    // A connection that breaks is closed too, which is all that is asked about.
    this.#socket.on('error', () => {});
    this.#socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    const headers = {
      host,
      connection: 'close',
      ...(body !== '' && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
      ...request.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${request.method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  }

  get comments(): readonly string[] {
    return this.#sse.comments;
  }

  /** The JSON-RPC messages of a stream, in order. */
  get messages(): any[] {
    return this.events.filter(({ data }) => data !== '').map(({ data }) => JSON.parse(data));
  }

  get json(): any {
    return JSON.parse(this.text);
  }

  get lastEventId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Resolves when the head of the answer is there; with its status. */
  async answered(): Promise<number> {
    await this.until(() => this.status > 0);
    return this.status;
  }

  /** Resolves when the condition holds; rejects when the connection closes before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#socket.closed) throw new Error(`The connection closed early, after: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** The first message that fits, waiting for it if need be. */
  async message(fits: (message: any) => boolean): Promise<any> {
    await this.until(() => this.messages.some(fits));
    return this.messages.find(fits);
  }

  /** Breaks the connection, as a network does. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Stops to read, but keeps the connection. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #receive(bytes: Buffer): void {
    const { cutAfter = Infinity } = this.request;
    if (this.#socket.destroyed) return;
    const kept = bytes.subarray(0, cutAfter - this.receivedBytes);
    this.receivedBytes += kept.length;
    if (this.receivedBytes >= cutAfter) this.#socket.destroy();
    this.#reader.push(kept);
    this.#changed();
  }

  #readHead({ status, text }: ResponseHead): void {
    const [, ...lines] = text.split('\r\n');
    this.headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    this.status = status;
  }

  #decoded(bytes: Buffer): void {
    const text = this.#utf8.write(bytes);
    this.text += text;
    if (this.headers['content-type'] === 'text/event-stream') this.events.push(...this.#sse.push(text));
  }

  #changed(): void {
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}
