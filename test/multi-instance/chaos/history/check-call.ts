import type { Outages } from '../outages.js';
import { checkSequence } from './check-sequence.js';
import type { Call, History, Seen } from './history.js';
import type { Notes } from './notes.js';

/** The longest that anybody may wait for a system that is whole. */
export const PATIENCE_MS = 10_000;

/** Time for which a client still notices an outage that has ended: connections come back, leases are renewed. */
const AFTERMATH_MS = 3_000;

/** Messages of one call, and its ending. */
export function* checkCall(call: Call, notes: Notes, { outages, beganAt }: History): Generator<string> {
  const { mark, ending, seen } = call;
  const time = ((call.startedAt - beganAt) / 1_000).toFixed(1);
  const where = `${call.tool} ${mark} (${call.era}, at ${time} s, ended with ${ending?.kind ?? 'nothing'})`;
  const hasEnded = ending?.kind === 'result' || ending?.kind === 'error' || ending?.kind === 'tool error';
  // The request that got no answer may have brought messages, and the handler says them again to the next.
  const mayRepeat = call.isRepeatable && call.isDoubtful;
  yield* checkSequence(where, mayRepeat ? withoutRepetitions(seen) : seen, {
    mark,
    accepted: call.isComplete ? notes.accepted(mark) : new Set(),
    attempted: notes.attempted(mark),
    isOver: hasEnded,
  });
  const answers = seen.filter((each) => each.answers !== undefined);
  if (answers.length > 1) yield `duplicated: ${where} was answered ${answers.length} times`;
  yield* checkEnding(where, call, notes, outages);
  yield* checkQuestion(where, call, outages);
}

function withoutRepetitions(seen: readonly Seen[]): Seen[] {
  return seen.filter(
    ({ number }, index) =>
      number === undefined || seen.findIndex((other) => other.number === number) === index,
  );
}

function* checkEnding(where: string, call: Call, notes: Notes, outages: Outages): Generator<string> {
  const { ending, startedAt, endedAt = Infinity } = call;
  const away = outages.between(startedAt, endedAt, AFTERMATH_MS);
  const isStoreAway = away.some(({ part }) => part === 'store');
  const someInstanceWent = away.some(({ part }) => part !== 'store');
  const runners = notes.runners(call.mark);
  const runnerWent = away.some(({ pid }) => pid !== undefined && runners.includes(pid));
  switch (ending?.kind) {
    case undefined:
    case 'hang':
      yield `hang: ${where} was not answered within ${PATIENCE_MS} ms of a whole system`;
      break;
    case 'result':
      if (ending.mark !== call.mark) yield `cross-delivered: ${where} got the result of ${ending.mark}`;
      break;
    case 'tool error':
      // Official clients give an answer once, and lose it with the connection.
      if (!isStoreAway && !runnerWent && !(call.isOfficial && someInstanceWent))
        yield `failed: ${where}: "${ending.text}" while the store was there`;
      break;
    case 'error':
      if (!isStoreAway && !runnerWent && !(runners.length === 0 && someInstanceWent) && !call.isDoubtful)
        yield `failed: ${where}: ${ending.code} "${ending.text}" although the instance that ran it lived`;
      break;
    case 'given up':
      if (away.length === 0) yield `hang: ${where} was given up while all was there`;
      break;
    case 'broken':
      if (away.length === 0) yield `broken: ${where} lost its connection while all was there`;
      break;
    case 'unavailable':
      if (away.length === 0) yield `failed: ${where} was answered 503 while all was there`;
      break;
    case 'refused':
      yield* checkRefusal(where, ending, isStoreAway);
  }
}

function* checkRefusal(
  where: string,
  { status, text, isResume }: { status: number; text: string; isResume: boolean },
  isStoreAway: boolean,
): Generator<string> {
  const what = isResume ? 'could not be resumed' : 'was refused';
  if (status === 404) yield `wrong 404: ${where} ${what}: ${text}`;
  else if (status < 500 || !isStoreAway) yield `failed: ${where} ${what}: ${status} ${text}`;
}

/** An answer that was taken is heard, one that was not is not. */
function* checkQuestion(where: string, call: Call, outages: Outages): Generator<string> {
  const { answers, ending, isDoubtful, startedAt, endedAt = Infinity } = call;
  if (answers.length > 1 && !isDoubtful) yield `duplicated: ${where} was asked ${answers.length} times`;
  const heard = ending?.kind === 'result' ? ending.heard : undefined;
  if (heard !== undefined && answers.every(({ token }) => token !== heard))
    yield `cross-delivered: ${where} heard "${heard}", which nobody answered`;
  for (const { token, statuses } of answers) {
    const isRefused = statuses.length === 1 && statuses[0] === 400;
    if (isRefused && heard === token) yield `failed: ${where} heard an answer that was refused`;
    const isCalm = outages.between(startedAt, endedAt, AFTERMATH_MS).length === 0;
    if (isCalm && isRefused) yield `failed: ${where}: its answer was refused while all was there`;
    if (isCalm && statuses.includes(202) && ending?.kind !== 'result')
      yield `lost: ${where} never heard the answer that was taken`;
    const wrong = statuses.find((status) => ![0, 202, 400, 503].includes(status));
    if (wrong === 404) yield `wrong 404: ${where}, for the answer to its question`;
    else if (wrong !== undefined)
      yield `failed: ${where}: the answer to its question was refused with ${wrong}`;
  }
}
