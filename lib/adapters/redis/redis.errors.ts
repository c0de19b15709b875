import { RedisUnavailableError } from './redis-unavailable.error.js';

/** Replies that mean: not now, or not here, and nothing was done. */
const NOT_NOW = /^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|MOVED|ASK|NOSCRIPT|LATE)\b/;

/** Replies that mean: not before an administrator has fixed the server. */
const NOT_AT_ALL = /^(OOM|MISCONF|NOREPLICAS|BUSY)\b/;

/** Mistakes in code, which do not pass. */
const MISTAKES = /^(TypeError|ReferenceError|RangeError|SyntaxError)$/;

/** Recognises transient failures. One that is no reply of Redis, and no mistake, comes from a lost connection. */
export function isPassing(error: unknown): boolean {
  return isReply(error) ? NOT_NOW.test(messageOf(error)) : !MISTAKES.test(nameOf(error));
}

/** Recognises that a Cluster has changed before the client knew. */
export function isMoved(error: unknown): boolean {
  return isReply(error) && /^MOVED\b/.test(messageOf(error));
}

/** Recognises refused credentials, or that there are none. */
export function isRefused(error: unknown): boolean {
  return isReply(error) && /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password)\b/.test(messageOf(error));
}

/** The time of a server, in milliseconds, that got something later than it was given up. */
export function clockOf(error: unknown): number | undefined {
  const [, clock] = /^LATE (\d+)/.exec(isReply(error) ? messageOf(error) : '') ?? [];
  return clock === undefined ? undefined : Number(clock);
}

/** The error as callers are to see it. */
export function toAdapterError(error: unknown): Error {
  const isUnavailable = isPassing(error) || NOT_AT_ALL.test(messageOf(error));
  if (error instanceof RedisUnavailableError || !isUnavailable) return error as Error;
  return new RedisUnavailableError(`Redis does not serve: ${messageOf(error)}`, { cause: error });
}

/** The text of whatever was thrown. Some errors of Node have a code and no message. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, code } = (error ?? {}) as { readonly message?: string; readonly code?: string };
  return message || code || nameOf(error);
}

function isReply(error: unknown): boolean {
  return nameOf(error) === 'ReplyError';
}

function nameOf(error: unknown): string {
  return (error as { readonly name?: string } | null)?.name ?? 'unknown error';
}
