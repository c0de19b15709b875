import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { watchWire } from '../../support/wire.js';

/** A request, and who got it. */
export interface Served {
  /** Index of the instance; -1 where none could be reached. */
  readonly instance: number;
  readonly verb: string;
  readonly sessionId: string | undefined;
  /** The JSON-RPC message or messages of the body; known when the body has been sent. */
  readonly message: any;
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

/**
 * Sends each request to the next instance in turn, from whichever client. An instance that refuses to connect is passed over; one
 * that dies takes the connections of its clients with it. Nothing is held back on the way, and what the instances send is
 * checked against the specification, as in tests of one process.
 */
export class RoundRobinProxy {
  readonly served: Served[] = [];
  readonly #server = createServer((incoming, response) => void this.#pass(incoming, response));
  readonly #ports: readonly number[];
  #turn = 0;
  #preferred: number | undefined;

  constructor(ports: readonly number[]) {
    this.#ports = ports;
    watchWire(this.#server);
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  /** Sends all requests to one instance while that is there; without an index, to each in turn again. */
  prefer(index?: number): void {
    this.#preferred = index;
  }

  /** Breaks every connection of every client, as a network does. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const turn = this.#preferred ?? this.#turn++;
    const served = record(incoming, turn);
    this.served.push(served);
    for (let step = 0; step < this.#ports.length; step++) {
      const index = (turn + step) % this.#ports.length;
      const socket = await connected(this.#ports[index] as number);
      if (!socket) continue;
      served.instance = index;
      return forward(incoming, response, socket, index);
    }
    served.instance = -1;
    response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain' });
    response.end('No instance is there');
  }
}

/** `undefined` where no process listens. Until it is connected nothing has been sent, so that another may be tried. */
function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

function forward(incoming: IncomingMessage, response: ServerResponse, socket: Socket, index: number): void {
  // The client may have left while the connection was made.
  if (response.destroyed) return void socket.destroy();
  const { method, url, headers } = incoming;
  const outgoing = request({
    createConnection: () => socket,
    ...(method !== undefined && { method }),
    ...(url !== undefined && { path: url }),
    headers: { ...headers, connection: 'close' },
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, {
      ...endToEnd(answer.headers),
      'x-instance': String(index),
    });
    response.flushHeaders();
    answer.pipe(response);
    answer.once('close', () => {
      if (!answer.complete) response.destroy();
    });
    answer.once('error', () => response.destroy());
  });
  outgoing.once('error', () => response.destroy());
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  incoming.pipe(outgoing);
}

function endToEnd(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

function record(incoming: IncomingMessage, instance: number): { -readonly [K in keyof Served]: Served[K] } {
  const chunks: Buffer[] = [];
  const served = {
    instance,
    verb: incoming.method ?? '',
    sessionId: incoming.headers['mcp-session-id']?.toString(),
    message: undefined,
  };
  const { push } = incoming;
  incoming.push = (chunk: Buffer | null, ...rest) => {
    if (chunk) chunks.push(chunk);
    else served.message = parsed(Buffer.concat(chunks).toString());
    return push.call(incoming, chunk, ...rest);
  };
  return served;
}

function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
