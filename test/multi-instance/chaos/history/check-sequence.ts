import type { Seen } from './history.js';

export interface Expected {
  /** Recipient of all messages. */
  readonly mark: string;
  /** Numbers that have to be there. */
  readonly accepted: ReadonlySet<number>;
  /** Numbers that may be there. */
  readonly attempted: ReadonlySet<number>;
  /** True if every message has had the time to come; else only those before the last that came are required. */
  readonly isOver: boolean;
}

/** The messages of one stream: each once, in order, none missing, none of somebody else. */
export function* checkSequence(where: string, seen: readonly Seen[], expected: Expected): Generator<string> {
  const ids = new Set<string>();
  const numbers = new Set<number>();
  let last = 0;
  for (const { eventId, mark, number } of seen) {
    if (mark !== undefined && mark !== expected.mark) {
      yield `cross-delivered: ${where} got what is for ${mark}`;
      continue;
    }
    if (eventId !== undefined && ids.has(eventId)) yield `duplicated: ${where} got event ${eventId} twice`;
    if (eventId !== undefined) ids.add(eventId);
    if (number === undefined) continue;
    if (numbers.has(number)) yield `duplicated: ${where} got message ${number} twice`;
    else if (number < last) yield `reordered: ${where} got message ${number} after ${last}`;
    if (!expected.attempted.has(number)) yield `invented: ${where} got message ${number}, which nobody sent`;
    numbers.add(number);
    last = Math.max(last, number);
  }
  for (const number of expected.accepted) {
    if (numbers.has(number) || !(expected.isOver || number < last)) continue;
    yield `lost: ${where} never got message ${number}`;
  }
}
