import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Limits of reading a body that is not wanted: bytes, and time in all and without a byte. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_LINGER_MS = 5000;
const MAX_IDLE_MS = 1000;
const LOOK_MS = 20;

/**
 * Lets a client receive an answer that is given before its body was read. A connection that is closed with unread data is
 * reset, and what the client has not read of the answer by then is lost to it. To be called before the response ends.
 */
export function lingerAfter(response: ServerResponse): void {
  // Responses of HTTP/2 do not know their request, and close nothing but their own stream.
  const request = response.req as IncomingMessage | undefined;
  if (!request || request.httpVersionMajor > 1 || request.complete || request.destroyed) return;
  const { socket } = request;
  // A connection that is not a network socket loses nothing when it is closed.
  if (typeof socket.destroySoon !== 'function') return;
  // Node calls it when the last response of a connection has ended.
  socket.destroySoon = () => {
    Reflect.deleteProperty(socket, 'destroySoon');
    if (request.complete || socket.destroyed) return socket.destroySoon();
    socket.end();
    discard(request, () => socket.destroy());
  };
  response.once('finish', () => {
    if (socket.writableEnded || request.complete) return;
    // The connection is kept if the rest comes within bounds.
    discard(request, (isComplete) => {
      if (!isComplete) socket.destroy();
    });
  });
}

/** Reads on until the request is over or has had enough. Looks at the connection, as Node may dump what comes. */
function discard(request: IncomingMessage, onDone: (isComplete: boolean) => void): void {
  const { socket } = request;
  const begun = { at: performance.now(), bytes: socket.bytesRead };
  let last = begun;
  const stop = () => {
    clearInterval(timer);
    request.off('end', stop).off('close', stop);
    socket.off('close', stop);
    onDone(request.complete);
  };
  const look = () => {
    const now = { at: performance.now(), bytes: socket.bytesRead };
    if (now.bytes > last.bytes) last = now;
    const isEnough = now.bytes - begun.bytes > MAX_DISCARDED_BYTES || now.at - begun.at > MAX_LINGER_MS;
    if (isEnough || now.at - last.at > MAX_IDLE_MS) stop();
  };
  const timer = setInterval(look, LOOK_MS);
  socket.on('close', stop);
  request.unpipe();
  request.on('end', stop).on('close', stop).resume();
}

/** Responses that wait for earlier ones of their connection to end. */
const queued = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Lets a response know when its connection closes before its turn has come. A client that sends requests without waiting
 * for answers has them served side by side, but Node tells only the one it answers just then.
 */
export function watchQueued(request: IncomingMessage, response: ServerResponse): void {
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
