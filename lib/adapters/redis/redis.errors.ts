import { RedisUnavailableError } from './redis-unavailable.error.js';

/** Replies that mean: not now, and nothing was done. */
const NOT_NOW = /^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY)\b/;

/** Replies that mean: not before somebody has looked after the server. */
const NOT_AT_ALL = /^(OOM|MISCONF|NOREPLICAS|BUSY)\b/;

/** Whether the same command may succeed soon. What is no reply of Redis comes from a lost connection. */
export function isPassing(error: unknown): boolean {
  return !isReply(error) || NOT_NOW.test(messageOf(error));
}

/** The error as callers are to see it. */
export function toAdapterError(error: unknown): Error {
  if (error instanceof RedisUnavailableError || (isReply(error) && !NOT_AT_ALL.test(messageOf(error)))) {
    return error as Error;
  }
  return new RedisUnavailableError(`Redis does not serve: ${messageOf(error)}`, { cause: error });
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  const { message, name, code } = (error ?? {}) as Partial<Record<'message' | 'name' | 'code', unknown>>;
  return String(message || code || name || 'unknown error');
}

function isReply(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'ReplyError';
}
