import { request, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';

/** One HTTP request to the application. */
export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
  /** Breaks the connection when aborted, as a client that goes away does. */
  readonly signal?: AbortSignal;
}

/** Members of a socket beyond those of a stream. Timeouts are for networks, and do nothing here. */
const SOCKET = {
  remoteAddress: '127.0.0.1',
  remoteFamily: 'IPv4',
  setTimeout: itself,
  setNoDelay: itself,
  setKeepAlive: itself,
};

function itself(this: Duplex): Duplex {
  return this;
}

/**
 * Speaks HTTP to a server that need not listen: each request has a connection of its own, made of two streams in
 * memory, and the server is told of it as of any other. Everything from the parser on is what runs in production.
 */
export class InProcessHttp {
  readonly #server: Server;
  readonly #onConnection: (socket: Duplex) => void;
  readonly #open = new Map<Duplex, Promise<void>>();

  /** `onConnection` is given the server's end of each connection. */
  constructor(server: Server, onConnection: (socket: Duplex) => void) {
    this.#server = server;
    this.#onConnection = onConnection;
  }

  /** Resolves when the head of the answer is there. */
  send({ body, ...options }: HttpRequest): Promise<IncomingMessage> {
    const near = this.#connect();
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, createConnection: () => near }, resolve);
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** Breaks what is still open; resolves when the server knows. */
  async close(): Promise<void> {
    const gone = [...this.#open.values()];
    for (const near of this.#open.keys()) near.destroy();
    await Promise.all(gone);
  }

  #connect(): Duplex {
    const [near, far] = duplexPair();
    // A pair does not pass on that one end was destroyed, as the two ends of a connection do.
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    // A broken connection is for the server to handle, not for this client.
    for (const end of [near, far]) end.on('error', () => {});
    this.#open.set(near, new Promise((resolve) => far.once('close', resolve)));
    far.once('close', () => this.#open.delete(near));
    Object.assign(far, SOCKET);
    this.#onConnection(far);
    this.#server.emit('setSecureContext' in this.#server ? 'secureConnection' : 'connection', far);
    return near;
  }
}
