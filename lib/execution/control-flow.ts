import { AsyncLocalStorage } from 'node:async_hooks';
import { isNativeError, isUint8Array } from 'node:util/types';
import { isObject } from '../protocol/json-rpc.js';
import { InputRequired } from '../protocol/input-required.js';
import { isHttpException } from '../calls/failure.js';
import { isWholeResult, toolResult } from '../results/tool-result.js';
import { isObservable, map } from 'rxjs';
import type { Callback } from './invoke.js';

/** One run of a handler and its interceptors. */
interface Run {
  /** Question of the handler to its client. */
  question?: InputRequired;
  /** True if it returned a result that is marked as the whole one. */
  isWhole?: boolean;
}

const runs = new AsyncLocalStorage<Run>();

/**
 * A method as interceptors should see it: an error that it returns is thrown, so that none of them mistakes it for a
 * result, and bytes are Buffers, which serialisers know. Carries what decorators have written on the method.
 */
export function beforeInterceptors(callback: Callback): Callback {
  const throwing = function (this: unknown, ...args: never[]): unknown {
    const value: unknown = callback.apply(this, args);
    if (isObservable(value)) return value.pipe(map(checked));
    return isPromiseLike(value) ? value.then(checked) : checked(value);
  };
  // Metadata is looked up along the chain of prototypes.
  Object.setPrototypeOf(throwing, callback);
  Object.defineProperty(throwing, 'name', { value: callback.name });
  Object.defineProperty(throwing, 'length', { value: callback.length });
  return throwing;
}

/**
 * Runs a handler with its interceptors. A question of the handler is thrown whatever they have made of it: the client is
 * asked instead of being answered.
 */
export async function withQuestions(run: () => Promise<unknown>): Promise<unknown> {
  const state: Run = {};
  const [outcome] = await Promise.allSettled([runs.run(state, run)]);
  if (state.question) throw state.question;
  if (outcome.status === 'rejected') return Promise.reject(outcome.reason as Error);
  const { value } = outcome;
  // A serializer does not copy symbols.
  const isCopy = state.isWhole && !isWholeResult(value) && isObject(value) && Array.isArray(value['content']);
  return isCopy ? toolResult(value) : value;
}

/** Checks whether a handler stopped because its call was cancelled: that is no failure, and no filter needs to see it. */
export function isOwnAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted || !isObject(error)) return false;
  return error === signal.reason || error['name'] === 'AbortError' || error['cause'] === signal.reason;
}

function checked(value: unknown): unknown {
  const run = runs.getStore();
  if (run && isWholeResult(value)) run.isWhole = true;
  if (!isNativeError(value) && !isHttpException(value)) return withBuffers(value);
  if (run && value instanceof InputRequired) run.question = value;
  throw value as Error;
}

/** Bytes where resources have them: alone, as a `blob`, or in `contents`. */
function withBuffers(value: unknown): unknown {
  if (isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.some(hasBytes) ? value.map(withBuffers) : value;
  if (!isObject(value)) return value;
  if (isUint8Array(value['blob'])) return { ...value, blob: withBuffers(value['blob']) };
  const { contents } = value;
  return Array.isArray(contents) && contents.some(hasBytes)
    ? { ...value, contents: contents.map(withBuffers) }
    : value;
}

function hasBytes(value: unknown): boolean {
  return isUint8Array(value) || (isObject(value) && isUint8Array(value['blob']));
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}
