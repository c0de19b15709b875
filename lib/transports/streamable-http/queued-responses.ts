import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpExchange } from './http-exchange.js';

/** Responses that wait for earlier ones of their connection to end. */
const queued = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Lets a response know when its connection closes before its turn has come. A client that sends requests without waiting
 * for answers has them served side by side, but Node tells only the one it answers just then.
 */
export function watchQueued({ request, response }: Pick<HttpExchange, 'request' | 'response'>): void {
  const { socket } = request;
  // Node gives a response its socket when its turn comes: mostly at once.
  if (response.socket !== null) return;
  if (socket.destroyed) return close(response);
  const others = queued.get(socket);
  const all = others ?? new Set<ServerResponse>();
  all.add(response);
  response.once('socket', () => all.delete(response));
  if (others) return;
  queued.set(socket, all);
  // One listener for all of them: there may be many.
  socket.once('close', () => all.forEach(close));
}

function close(response: ServerResponse): void {
  response.destroy();
  response.emit('close');
}
