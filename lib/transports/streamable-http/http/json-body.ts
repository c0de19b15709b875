import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import {
  bodyTooLarge,
  bodyTooLate,
  encodedBody,
  foreignType,
  tooManyParts,
  unreadableBody,
  type BodyLimits,
  type BodyRefusal,
} from './body-refusal.js';
import { JsonScanner } from './json-scanner.js';

export type JsonBody = { readonly value: unknown } | { readonly refusal: BodyRefusal };

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Refuses a body for what its headers say. */
function refuseByHeaders(request: IncomingMessage, bodyBytes: number): BodyRefusal | undefined {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return foreignType;
  if (isEncoded(request)) return encodedBody;
  return Number(request.headers['content-length']) > bodyBytes ? bodyTooLarge(bodyBytes) : undefined;
}

/** Checks whether a body has a Content-Encoding, such as compression. */
export function isEncoded({ headers }: IncomingMessage): boolean {
  const { 'content-encoding': encoding = 'identity' } = headers;
  return encoding.toLowerCase() !== 'identity';
}

/** The body of an exchange, read here or by the platform; a promise only where there is something to wait for. */
export function bodyOf(
  { request, body }: { readonly request: IncomingMessage; readonly body?: JsonBody | undefined },
  limits: BodyLimits,
): JsonBody | Promise<JsonBody> {
  if (!body) return readJsonBody(request, limits);
  if ('refusal' in body) return body;
  const refusal = refuseByHeaders(request, limits.bodyBytes);
  return refusal ? { refusal } : body;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Thrown when the client has gone before its body was complete: no failure, and nothing to tell. */
export class BodyCutOffError extends Error {
  override readonly name = 'BodyCutOffError';
}

/**
 * Reads and parses a body, never holding more than `bodyBytes` of it. Rejects only if the client goes away, with a
 * `BodyCutOffError`.
 */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits): Promise<JsonBody> {
  const refusal = refuseByHeaders(request, limits.bodyBytes);
  if (refusal) return { refusal };
  const read = await readBytes(request, limits);
  if ('refusal' in read) return read;
  try {
    return { value: JSON.parse(utf8.decode(read.bytes)) };
  } catch {
    return { refusal: unreadableBody };
  }
}

type Read = { readonly bytes: Buffer } | { readonly refusal: BodyRefusal };

function readBytes(request: IncomingMessage, limits: BodyLimits): Promise<Read> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer | string) => {
      const bytes = bytesOf(chunk, request);
      length += bytes.length;
      if (length > limits.bodyBytes) refuse(bodyTooLarge(limits.bodyBytes));
      else chunks.push(bytes);
    };
    const onEnd = () => {
      detach();
      resolve({ bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) });
    };
    const onClose = () => {
      detach();
      reject(new BodyCutOffError('The client closed the connection before its body was complete'));
    };
    const detach = () =>
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    const refuse = (refusal: BodyRefusal) => {
      detach();
      request.pause();
      resolve({ refusal });
    };
    // Nothing more is heard of a request that broke off before.
    if (request.destroyed) return onClose();
    watchBody(request, request, limits, refuse);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/**
 * Watches a body while it is read, and tells at most once what speaks against it: that it takes too long, is
 * nested too deep, holds too much, or is not UTF-8. `source` is where its bytes come from: mostly the request itself.
 */
export function watchBody(
  request: IncomingMessage,
  source: Readable,
  { requestTimeoutMs }: BodyLimits,
  onRefusal: (refusal: BodyRefusal) => void,
): void {
  const scanner = new JsonScanner();
  const text = new Utf8Check();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
    source.off('data', onData).off('end', stop).off('close', stop);
  };
  const refuse = (refusal: BodyRefusal) => {
    stop();
    onRefusal(refusal);
  };
  const onData = (chunk: Buffer | string) => {
    const bytes = bytesOf(chunk, source);
    const excess = scanner.push(bytes);
    if (excess !== undefined) refuse(tooManyParts(excess));
    else if (!text.push(bytes)) refuse(unreadableBody);
  };
  source.on('data', onData);
  // Mostly the whole body has come with the head, and there is nothing to time. A listener that stays would keep the request.
  afterThisTurn(() => {
    if (isOver) return;
    if (source.readableEnded || source.destroyed) return stop();
    source.on('end', stop).on('close', stop);
    if (request.complete) return;
    timer = setTimeout(() => refuse(bodyTooLate(requestTimeoutMs)), requestTimeoutMs);
  });
}

/** Bytes of a chunk, which is text where a middleware or a parser has set an encoding, as Fastify before 5.12 does for text. */
function bytesOf(chunk: Buffer | string, { readableEncoding }: Readable): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, readableEncoding ?? 'utf8') : chunk;
}

/** Checks for when Node is done with what it has received: all of them at once, as every request has one. */
const pending: (() => void)[] = [];

function afterThisTurn(check: () => void): void {
  if (pending.push(check) > 1) return;
  setImmediate(() => {
    for (const each of pending.splice(0)) each();
  });
}

const NOTHING = new Uint8Array(0);

/** Incremental check that bytes are valid UTF-8, whatever the chunk boundaries. */
class Utf8Check {
  /** The first bytes of a character whose other ones are still to come. */
  #begun: Uint8Array = NOTHING;

  push(bytes: Uint8Array): boolean {
    const all = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes]);
    const end = all.length - lengthOfBegun(all);
    if (end === all.length) {
      this.#begun = NOTHING;
      return isUtf8(all);
    }
    this.#begun = all.subarray(end);
    return isUtf8(all.subarray(0, end));
  }
}

/** Number of the last bytes that belong to a character that is not complete. */
function lengthOfBegun(bytes: Uint8Array): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length] as number;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    return length < lengthAfter(byte) ? length : 0;
  }
  return 0;
}

/** Bytes of the character that begins with this one. */
function lengthAfter(first: number): number {
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
