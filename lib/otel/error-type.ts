import { isNativeError } from 'node:util/types';
import type { ObservedAnswer } from '../telemetry/instrumentation.js';

/** How an answer says that a request failed. */
export interface AnswerError {
  /** Code of the JSON-RPC error, or `tool_error`. */
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
}

/** Reads the failure from an answer; `undefined` if it is none. */
export function answerError({ text, isError }: ObservedAnswer): AnswerError | undefined {
  if (isError) {
    const { error } = JSON.parse(text) as {
      readonly error: { readonly code: number; readonly message: string };
    };
    const code = String(error.code);
    return { type: code, code, message: error.message };
  }
  // Parsed only where it may matter: results can be large.
  if (!text.includes('"isError":true')) return undefined;
  const { result } = JSON.parse(text) as { readonly result?: { readonly isError?: unknown } };
  return result?.isError === true ? { type: 'tool_error' } : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ClientRequestTimeoutError: 'timeout',
  AdapterUnavailableError: 'unavailable',
};

/** Names the class of a failure: the code of a JSON-RPC error, or the name of the error. */
export function failureType(error: unknown): string {
  if (!isNativeError(error)) return '_OTHER';
  const { code } = error as Error & { readonly code?: unknown };
  if (typeof code === 'number') return String(code);
  return Object.hasOwn(TYPES, error.name) ? (TYPES[error.name] ?? error.name) : error.name;
}
