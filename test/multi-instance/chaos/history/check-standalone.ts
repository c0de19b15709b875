import { checkSequence } from './check-sequence.js';
import type { Standalone } from './history.js';
import type { Notes } from './notes.js';

/** Time after which a message that was sent is written down. */
const NOTING_MS = 1_000;

/** The stream of a session that belongs to no request: what was sent to the session, however often it broke. */
export function* checkStandalone(stream: Standalone, notes: Notes): Generator<string> {
  const where = `the GET stream of ${stream.client}`;
  yield* checkSequence(where, stream.seen, {
    mark: stream.mark,
    accepted: notes.accepted(stream.mark, stream.beganAt + NOTING_MS),
    attempted: new Set(Array.from({ length: stream.asked }, (_, index) => index + 1)),
    isOver: true,
  });
  for (const { status, text } of stream.refusals) {
    yield `${status === 404 ? 'wrong 404' : 'lost'}: ${where} could not be resumed: ${status} ${text}`;
  }
}
