import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { headerOf, HttpReader } from '../../../support/http-reader.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path?: string;
  /** Alternating names and values would lose nothing; pairs do as well, and may repeat a name. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  readonly isChunked?: boolean;
}

/** One request on a connection, and what has come back so far. */
export class Exchange {
  status = 0;
  head = '';
  text = '';
  /** True once the answer has come to its end. */
  isComplete = false;
  /** True if the client disconnected on purpose. */
  hasLeft = false;
  /** True once nothing will come any more. */
  isOver = false;
  /** Told of each piece of the body. */
  onText: (() => void) | undefined;
  readonly over: Promise<this>;
  /** Resolves with the first piece of the body, or when nothing will come. */
  readonly begun: Promise<void>;
  #resolve!: (exchange: this) => void;
  #begin!: () => void;
  #decoder: StringDecoder | undefined;

  constructor(
    readonly request: WireRequest,
    readonly connection: Connection,
  ) {
    this.over = new Promise((resolve) => (this.#resolve = resolve));
    this.begun = new Promise((resolve) => (this.#begin = resolve));
  }

  get isSse(): boolean {
    return this.header('content-type') === 'text/event-stream';
  }

  header(name: string): string | undefined {
    return headerOf(this.head, name);
  }

  /** @internal */
  receive(bytes: Buffer): void {
    this.#decoder ??= new StringDecoder();
    this.text += this.#decoder.write(bytes);
    this.#begin();
    this.onText?.();
  }

  /** @internal */
  end(isComplete: boolean): void {
    this.isComplete = isComplete;
    this.isOver = true;
    this.#begin();
    this.#resolve(this);
  }
}

/** A connection that is kept for one request after another, or for several at once, answered in their order. */
export class Connection {
  readonly closed: Promise<void>;
  isClosed = false;
  readonly #socket: Socket;
  readonly #waiting: Exchange[] = [];

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true);
    const reader = new HttpReader({
      isBodiless: () => this.#waiting[0]?.request.method === 'HEAD',
      onHead: ({ status, text }) => {
        const [exchange] = this.#waiting;
        if (!exchange) throw new Error(`An answer to nothing: ${text}`);
        exchange.status = status;
        exchange.head = text;
      },
      onBody: (bytes) => this.#waiting[0]?.receive(bytes),
      onEnd: () => this.#waiting.shift()?.end(true),
    });
    // A connection that breaks is closed too, which is all that is asked about.
    this.#socket.on('error', () => {});
    this.#socket.on('data', (bytes: Buffer) => reader.push(bytes));
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.isClosed = true;
        for (const exchange of this.#waiting.splice(0)) exchange.end(false);
        resolve();
      });
    });
  }

  /** Sends without waiting for what was sent before. */
  send(request: WireRequest): Exchange {
    const exchange = new Exchange(request, this);
    if (this.isClosed) exchange.end(false);
    else {
      this.#waiting.push(exchange);
      this.#socket.write(toBytes(request));
    }
    return exchange;
  }

  /** Breaks the connection, as a network does. */
  cut(): void {
    this.#socket.destroy();
  }
}

/** The bytes of a request; a body has its length with it unless it is chunked. */
export function toBytes({ method, path = '/mcp', headers, body, isChunked = false }: WireRequest): Buffer {
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  let head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  if (bytes) head += isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${bytes.length}\r\n`;
  const headBytes = Buffer.from(`${head}\r\n`, 'latin1');
  if (!bytes) return headBytes;
  return Buffer.concat([headBytes, ...(isChunked ? chunksOf(bytes) : [bytes])]);
}

/** In two pieces, so that a character may be split. */
function chunksOf(bytes: Buffer): Buffer[] {
  const middle = bytes.length >> 1;
  const pieces = [bytes.subarray(0, middle), bytes.subarray(middle)].filter(({ length }) => length > 0);
  const framed = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ]);
  return [...framed, Buffer.from('0\r\n\r\n')];
}
