import type { Exchange } from './connection.js';
import { SseReader } from '../../../support/sse.js';
import { MARK, SECRET } from './fixture.js';

/** Texts that no answer may contain: places in files, frames of a stack, messages of exceptions. */
const INTERNALS = /\bat [\w.<>[\] ]+ \(|\.[cm]?[jt]s:\d+|file:\/\/|node_modules|node:internal/;

/** Answers to bad requests, and to good ones. */
const STATUSES: ReadonlySet<number> = new Set([200, 202, 204, 400, 403, 404, 405, 406, 413, 415, 429]);

/** The JSON-RPC messages of an answer. Throws for what is none. */
export function messagesOf({ text, isSse }: Pick<Exchange, 'text' | 'isSse'>): any[] {
  if (text === '') return [];
  if (isSse) return SseReader.parse(text).map(({ data }) => JSON.parse(data));
  const body = JSON.parse(text);
  return Array.isArray(body) ? body : [body];
}

/** Throws for an answer that no client should get to any request. */
export function assertProper(exchange: Exchange, user: string): void {
  const { status, text, head, request } = exchange;
  assert(STATUSES.has(status), `status ${status}`);
  assert(!INTERNALS.test(text) && !text.includes(SECRET), 'tells internals');
  for (const [mark, owner] of text.matchAll(MARK)) assert(owner === user, `holds ${mark}`);
  if (request.method === 'HEAD') return;
  const messages = messagesOf(exchange);
  if (status === 202 || status === 204) return assert(text === '', 'has a body');
  if (!exchange.isSse) assert(/\r\ncontent-type: application\/json/i.test(head), 'is of another type');
  for (const message of messages) assertMessage(message);
  if (status >= 400) {
    assert(messages.length === 1 && 'error' in messages[0], 'is a refusal without an error');
  }
}

function assertMessage(message: any): void {
  assert(message?.jsonrpc === '2.0', 'is no JSON-RPC');
  if ('method' in message) return assert(typeof message.method === 'string', 'has no method');
  const { id, error } = message;
  assert(id === null || typeof id === 'string' || Number.isSafeInteger(id), 'has no proper id');
  assert('result' in message !== 'error' in message, 'has neither result nor error, or both');
  if (error === undefined) return assert(typeof message.result === 'object' && id !== null, 'has no result');
  assert(Number.isInteger(error.code) && typeof error.message === 'string', 'has no proper error');
}

export function assert(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
