import type { Call } from './call.js';

/**
 * The arguments of a request for its handler to keep. A copy where the request is needed again: the client proves with the
 * same arguments that it goes on with this call, and a later run begins with them, whatever the handler changed in place.
 */
export function ownArguments<T>(args: T, { strategy }: Pick<Call, 'strategy'>): T {
  if (!strategy?.mayReplay) return args;
  try {
    return copyOf(args);
  } catch {
    // Nested more deeply than the stack reaches: validation says so.
    return args;
  }
}

/** Copies JSON. By hand, as `structuredClone` takes longer than a small call. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => copyOf(each)) as T;
  const copy = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(copy)) {
    if (typeof copy[key] === 'object') copy[key] = copyOf(copy[key]);
  }
  return copy as T;
}
