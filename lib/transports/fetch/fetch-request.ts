import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Members of a connection that are read: its remote address, and whether it is encrypted. */
interface Connection {
  readonly remoteAddress: string | undefined;
  readonly timeout: 0;
  /** Present where the client speaks HTTPS, as on a socket of TLS. */
  readonly encrypted?: true;
}

/** Limits of reading a body only to discard it: bytes, and milliseconds. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_LINGER_MS = 5000;

/** Base of a URL without a host, which some hosts give. A name that nothing allows. */
const NO_HOST = 'http://host.invalid';

/** A request of the Fetch API with the members that the transport, guards and pipes read of one of Node. */
export class FetchRequest extends Readable {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly protocol: 'http' | 'https';
  readonly socket: Connection;
  /** Set once the whole body has arrived. */
  complete = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(
    /** The request as it was given. */
    readonly original: Request,
    /** Address of the client, where the host knows it. */
    readonly ip: string | undefined,
  ) {
    super();
    const { pathname, search, host, protocol } = new URL(original.url, NO_HOST);
    this.method = original.method;
    this.url = pathname + search;
    // Not every host passes it on; the URL was made of it.
    this.headers = { host, ...Object.fromEntries(original.headers) };
    this.rawHeaders = [...original.headers].flat();
    this.protocol = protocol === 'https:' ? 'https' : 'http';
    this.socket = {
      remoteAddress: ip,
      timeout: 0,
      ...(this.protocol === 'https' && { encrypted: true }),
    };
    // `close` reports that the client has disconnected, whichever reader has the body just then.
    this.on('error', () => undefined);
  }

  /** True if somebody has read the body, or reads it. */
  get isTaken(): boolean {
    return this.original.bodyUsed || this.original.body?.locked === true;
  }

  /** The same as the type by which the rest of the library knows requests. */
  get asNode(): IncomingMessage {
    return this as unknown as IncomingMessage;
  }

  /**
   * Reads the rest of a body within bounds. Hosts reset the connection of a client that is still sending when its body is
   * cancelled, and what it has not read of the answer by then is lost to it.
   */
  discard(): void {
    if (this.complete || this.destroyed || !this.original.body) return;
    let length = 0;
    const timer = setTimeout(() => this.destroy(), MAX_LINGER_MS);
    this.once('close', () => clearTimeout(timer));
    this.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > MAX_DISCARDED_BYTES) this.destroy();
    });
    this.resume();
  }

  override _read(): void {
    this.#pull().catch((error: unknown) => this.destroy(error as Error));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // A host that has lost its client may refuse to cancel what is broken already.
    this.#reader?.cancel().catch(() => undefined);
    callback(error);
  }

  async #pull(): Promise<void> {
    const { body } = this.original;
    if (body) this.#reader ??= body.getReader();
    const { value } = (await this.#reader?.read()) ?? {};
    if (value === undefined) this.complete = true;
    this.push(value ?? null);
  }
}
