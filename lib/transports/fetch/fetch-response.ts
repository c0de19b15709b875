import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { FetchRequest } from './fetch-request.js';

type HeaderValue = number | string | readonly string[];

type Done = (error?: Error | null) => void;

/** Bytes that wait in the body for a reader before writing is held back. */
const HIGH_WATER_MARK = 16 * 1024;

/** Statuses of answers that have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Status for a client that has gone, or whose connection is to be dropped, before there was an answer. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * A response of the Fetch API that is written as one of Node: `writeHead`, `write`, `end`, and `close` when it has ended or
 * its reader has gone. What is written faster than it is read is held back.
 */
export class FetchResponse extends Writable {
  /** Resolves when the head is known; never rejects. */
  readonly response: Promise<Response>;
  statusCode = 200;
  headersSent = false;
  readonly req: FetchRequest;
  /** The connection, which a response of Node has as long as it is its turn. */
  readonly socket: FetchRequest['socket'];
  readonly #headers = new Map<string, HeaderValue>();
  #respond!: (response: Response) => void;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Goes on with writing when the reader has made room. */
  #resume: Done | undefined;
  #hasLeft = false;
  #stallMs = 0;
  #stall: NodeJS.Timeout | undefined;

  constructor(request: FetchRequest) {
    super({ highWaterMark: HIGH_WATER_MARK, emitClose: false });
    this.req = request;
    this.socket = request.socket;
    this.response = new Promise((resolve) => (this.#respond = resolve));
    // A write after the end is ignored, as with a response of Node.
    this.on('error', () => undefined);
  }

  /** The same as the type by which the rest of the library knows responses. */
  get asNode(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  setHeader(name: string, value: HeaderValue): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  getHeaders(): Readonly<Record<string, HeaderValue>> {
    return Object.fromEntries(this.#headers);
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  writeHead(status: number, headers: Readonly<Record<string, HeaderValue | undefined>> = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#headers.set(name.toLowerCase(), value);
    }
    this.headersSent = true;
    return this;
  }

  /** Emits `timeout` when what waits for the reader has waited so long; 0 for never. */
  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#stallMs = ms;
    if (onTimeout) this.once('timeout', onTimeout);
    this.#watchReader();
    return this;
  }

  /** Signals that the client has disconnected. */
  leave(): void {
    this.#hasLeft = true;
    this.destroy();
  }

  override end(...args: unknown[]): this {
    const [body = ''] = args;
    // An answer in one piece needs no stream.
    if (typeof body === 'string' && this.writableLength === 0 && !this.#body && !this.destroyed) {
      this.#answer(body === '' ? null : body);
      return super.end();
    }
    return super.end(...(args as []));
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    const body = this.#body ?? this.#stream();
    body.enqueue(chunk);
    if ((body.desiredSize ?? 0) > 0) return done();
    this.#resume = done;
    this.#watchReader();
  }

  override _final(done: Done): void {
    this.#body?.close();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#stall);
    this.#resume = undefined;
    if (!this.writableFinished) {
      if (this.#body) this.#breakOff(this.#body);
      else this.#respond(new Response(null, { status: CLIENT_CLOSED_REQUEST }));
    }
    done(error);
    // At once, as a response of Node does: a handler that goes on meanwhile need not give way to anything.
    this.emit('close');
  }

  #stream(): ReadableStreamDefaultController<Uint8Array> {
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#body = controller;
        },
        pull: () => this.#taken(),
        cancel: () => this.leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
    );
    this.#answer(stream);
    return this.#body as ReadableStreamDefaultController<Uint8Array>;
  }

  #answer(body: string | ReadableStream<Uint8Array> | null): void {
    this.headersSent = true;
    const headers = new Headers();
    for (const [name, value] of this.#headers) {
      if (Array.isArray(value)) for (const each of value as string[]) headers.append(name, each);
      // Connections are the host's.
      else if (name !== 'connection') headers.set(name, String(value));
    }
    const isBodiless = this.req.method === 'HEAD' || BODILESS.has(this.statusCode);
    this.#respond(new Response(isBodiless ? null : body, { status: this.statusCode, headers }));
  }

  #taken(): void {
    const resume = this.#resume;
    if (!resume) return;
    this.#resume = undefined;
    clearTimeout(this.#stall);
    resume();
  }

  #watchReader(): void {
    clearTimeout(this.#stall);
    if (this.#stallMs === 0 || !this.#resume) return;
    this.#stall = setTimeout(() => this.emit('timeout'), this.#stallMs);
  }

  /** Has a reader that is still there see a broken connection rather than an end. */
  #breakOff(body: ReadableStreamDefaultController<Uint8Array>): void {
    try {
      if (this.#hasLeft) body.close();
      else body.error(new DOMException('The server has given up the response', 'AbortError'));
    } catch {
      // Cancelled by its reader.
    }
  }
}
