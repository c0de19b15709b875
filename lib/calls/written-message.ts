import { isObject } from '../protocol/json-rpc.js';

/** Members of a body that hold its message, in this order. */
const MESSAGE_MEMBERS = ['message', 'detail', 'title', 'error'];

/** The part of an answer that is meant to be read; `undefined` if it has none. */
export function messageOf(body: unknown): string | string[] | undefined {
  if (typeof body === 'string') return body === '' ? undefined : body;
  if (!isObject(body)) return undefined;
  for (const name of MESSAGE_MEMBERS) {
    const value = body[name];
    if (typeof value === 'string' && value !== '') return value;
    if (Array.isArray(value) && value.length > 0) return value.map(toText);
    if (isObject(value) && typeof value['message'] === 'string') return value['message'];
  }
  return undefined;
}

/** Parses text as JSON; returns the text itself if it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A chunk of a body as text. */
export function toText(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk;
  return ArrayBuffer.isView(chunk)
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString()
    : JSON.stringify(chunk);
}
