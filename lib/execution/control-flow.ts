import { AsyncLocalStorage } from 'node:async_hooks';
import { isNativeError } from 'node:util/types';
import { isObject } from '../protocol/json-rpc.js';
import { InputRequired } from '../protocol/input-required.js';
import { isHttpException } from '../server/failure.js';
import { isObservable, map } from 'rxjs';
import type { Callback } from './invoke.js';

/** One run of a handler and its interceptors. */
interface Run {
  /** What the handler wants to ask its client. */
  question?: InputRequired;
}

const runs = new AsyncLocalStorage<Run>();

/**
 * A method as interceptors should see it: an error that it returns is thrown, so that none of them mistakes it for a
 * result. Carries what decorators have written on the method.
 */
export function throwingReturnedErrors(callback: Callback): Callback {
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
  return outcome.status === 'rejected' ? Promise.reject(outcome.reason as Error) : outcome.value;
}

/** Whether a handler stopped because its call was cancelled: that is no failure, and no filter needs to see it. */
export function isOwnAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted || !isObject(error)) return false;
  return error === signal.reason || error['name'] === 'AbortError' || error['cause'] === signal.reason;
}

function checked(value: unknown): unknown {
  if (!isNativeError(value) && !isHttpException(value)) return value;
  const run = runs.getStore();
  if (run && value instanceof InputRequired) run.question = value;
  throw value as Error;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}
