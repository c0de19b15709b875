import type { IncomingMessage } from 'node:http';
import {
  bodyTooLarge,
  encodedBody,
  foreignType,
  unreadableBody,
  type BodyLimits,
  type BodyRefusal,
} from './body-refusal.js';
import { watchBody } from './body-watch.js';

export type JsonBody = { readonly value: unknown } | { readonly refusal: BodyRefusal };

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** What the headers alone say against a body. */
function refuseByHeaders(request: IncomingMessage, bodyBytes: number): BodyRefusal | undefined {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return foreignType;
  if (isEncoded(request)) return encodedBody;
  return Number(request.headers['content-length']) > bodyBytes ? bodyTooLarge(bodyBytes) : undefined;
}

/** Whether a body is compressed. */
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

/** The client has gone before its body was complete: nobody's failure, and nobody is there to be told. */
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
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.bodyBytes) refuse(bodyTooLarge(limits.bodyBytes));
      else chunks.push(chunk);
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
