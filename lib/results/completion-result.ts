import { isObject } from '../protocol/json-rpc.js';
import { MAX_COMPLETION_VALUES, type Completion } from '../protocol/types/completion.js';

/** Return value of a completer, its values not checked yet. */
type Given = Omit<Completion, 'values'> & { readonly values: unknown };

/** Nothing to suggest. */
export const NO_COMPLETION: Completion = { values: [], total: 0, hasMore: false };

/** Turns what a completer returned into what may be sent: at most 100 values, and whether there are more. */
export function toCompletion(value: unknown): Completion {
  const given: Given = isCompletion(value) ? value : { values: value };
  const { values } = given;
  if (!Array.isArray(values) || !values.every((item) => typeof item === 'string')) {
    throw new TypeError('A completion returns an array of strings or { values, total, hasMore }');
  }
  const sent = values.slice(0, MAX_COMPLETION_VALUES);
  const total = given.total ?? (given.hasMore && sent.length === values.length ? undefined : values.length);
  const hasMore = given.hasMore ?? (total !== undefined && total > sent.length);
  return { values: sent, ...(total !== undefined && { total }), hasMore };
}

function isCompletion(value: unknown): value is Given {
  return isObject(value) && 'values' in value;
}
