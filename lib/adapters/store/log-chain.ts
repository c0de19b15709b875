import type { LogPosition, LogSlice } from '../store.js';

/** Entries that are read at once. */
export const CHUNK = 128;

/** Entries that are read at once by a reader that takes all of a log, and does not pause in between. */
export const WHOLE_CHUNK = 512;

/** Checks whether a text has the form of a position. */
export function isPosition(text: string): boolean {
  return /^[1-9]\d{0,14}\.[A-Za-z0-9_-]{1,64}$/.test(text);
}

/**
 * Checks whether a slice is all that follows a position (`undefined`: the beginning): each entry names the one before it, and
 * the last is the tail.
 */
export function isComplete({ entries, tail, isAll }: LogSlice, after: LogPosition | undefined): boolean {
  let last = after;
  for (const { position, previous } of entries) {
    if (previous !== last) return false;
    last = position;
  }
  return !isAll || tail === last;
}
