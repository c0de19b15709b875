import type { TaskNote } from '../../fixture/chaos-tasks/ledger.js';
import { FINAL, type SeenState, type TaskRecord } from './task-history.js';

const UNKNOWN = 'The instance that ran this task has ended, and the outcome of a step is unknown';
const GONE = [
  'The instance that ran this task has ended',
  'The instance that ran this task was stopped',
] as const;

/** Result of a task, as a handler or a worker gave it. */
interface Outcome {
  readonly mark: string;
  readonly run: string;
  readonly effects: readonly string[];
  readonly heard: readonly string[];
}

/**
 * Checks the history of one task: as its client has seen it, and as its handlers wrote it down. The notes are in the order in which
 * they were written.
 */
export function* checkTask(task: TaskRecord, notes: readonly TaskNote[]): Generator<string> {
  const where = `${task.tool} ${task.mark} (${task.taskId ?? 'not acknowledged'})`;
  yield* checkRuns(where, task, notes);
  yield* checkBlocks(where, notes);
  yield* checkAnswers(where, task, notes);
  if (task.taskId === undefined) return;
  yield* checkStates(where, task, notes);
  const last = task.seen.at(-1);
  if (last && FINAL.includes(last.status)) yield* checkEnd(where, task, last, notes);
}

/** A handler runs again only where its tool says so, and not after the task has ended. */
function* checkRuns(
  where: string,
  { tool, seen }: TaskRecord,
  notes: readonly TaskNote[],
): Generator<string> {
  const runs = notes.filter(({ what }) => what === 'started');
  if (tool === 'plain' && runs.length > 1) yield `run twice: ${where} ran ${runs.length} times`;
  const endedAt = seen.find(({ status }) => FINAL.includes(status))?.at ?? Infinity;
  if (runs.some(({ at }) => at > endedAt)) yield `run after its end: ${where}`;
}

/** No block begins again after its result was recorded, or at all where its outcome may be unknown and it allows no retry. */
function* checkBlocks(where: string, notes: readonly TaskNote[]): Generator<string> {
  const recorded = new Set<string>();
  for (const { what, key = '' } of notes) {
    if (what === 'recorded') recorded.add(key);
    if (what === 'begun' && recorded.has(key))
      yield `repeated: ${key} of ${where} after its result was recorded`;
  }
}

/** All runs hear the same answer to a question, one that was given. */
function* checkAnswers(where: string, task: TaskRecord, notes: readonly TaskNote[]): Generator<string> {
  const heard = new Map<string, string>();
  for (const { what, key = '', token = '' } of notes) {
    if (what !== 'heard') continue;
    if (!task.answers.get(key)?.tokens.includes(token))
      yield `wrong answer: ${where} heard "${token}" to ${key}`;
    if ((heard.get(key) ?? token) !== token) yield `two answers: ${where} heard both to ${key}`;
    heard.set(key, token);
  }
}

/** One end, which stays; no question after its answer was acknowledged; nothing said by a run that was replaced. */
function* checkStates(where: string, task: TaskRecord, notes: readonly TaskNote[]): Generator<string> {
  const runs = notes.filter(({ what }) => what === 'started').map(({ run }) => run);
  let end: SeenState | undefined;
  let latest = -1;
  for (const state of task.seen) {
    if (end && state.text !== end.text)
      yield `changed after its end: ${where} from ${end.text} to ${state.text}`;
    if (FINAL.includes(state.status)) end ??= state;
    const open = Object.keys((JSON.parse(state.text) as { inputRequests?: object }).inputRequests ?? {});
    for (const key of open)
      if (state.askedAt > (task.answers.get(key)?.ackedAt ?? Infinity))
        yield `lost answer: ${where} asks ${key} again, which was answered`;
    const speaker = runs.indexOf(state.statusMessage?.split(' ')[0] ?? '');
    if (speaker >= 0 && speaker < latest) yield `replaced run: ${where} has "${state.statusMessage}"`;
    latest = Math.max(latest, speaker);
  }
}

function* checkEnd(
  where: string,
  task: TaskRecord,
  { text }: SeenState,
  notes: readonly TaskNote[],
): Generator<string> {
  const { status, result, error } = JSON.parse(text);
  const openAfter = task.seen.some(
    ({ askedAt, status: was }) => askedAt > (task.cancelAckedAt ?? Infinity) && !FINAL.includes(was),
  );
  if (openAfter && status !== 'cancelled') yield `not cancelled: ${where} ended as ${text}`;
  if (status === 'cancelled' && task.cancelledAt === undefined) yield `cancelled by nobody: ${where}`;
  const completions = notes.filter(({ what }) => what === 'completed');
  if (completions.length > 1) yield `completed twice: ${where}`;
  if (completions.length > 0 && status !== 'completed') yield `lost: ${where} was completed and is ${text}`;
  if (status === 'failed') yield* checkFailure(where, task, error.message, notes);
  if (status === 'completed') yield* checkResult(where, task, result, notes);
}

function* checkFailure(
  where: string,
  { tool }: TaskRecord,
  message: string,
  notes: readonly TaskNote[],
): Generator<string> {
  const isUnknown = tool !== 'plain' && message === UNKNOWN;
  const isGone = tool === 'plain' && (GONE as readonly string[]).includes(message);
  if (!isUnknown && !isGone) yield `wrong failure: ${where}: ${message}`;
  if (isUnknown && isEveryBlockRecorded(notes)) yield `failed without a reason: ${where}: ${message}`;
}

/** Checks whether the next block would have been begun only after something else was noted. */
function isEveryBlockRecorded(notes: readonly TaskNote[]): boolean {
  const last = notes.at(-1);
  return last?.what === 'ended' || last?.what === 'completed';
}

function* checkResult(
  where: string,
  { tool, mark }: TaskRecord,
  result: any,
  notes: readonly TaskNote[],
): Generator<string> {
  if (result.isError === true) return yield `tool error: ${where}: ${JSON.stringify(result.content)}`;
  const outcome: Outcome = result.structuredContent ?? JSON.parse(result.content[0].text);
  if (outcome.mark !== mark) yield `mixed up: ${where} has the result of ${outcome.mark}`;
  const what = tool === 'job' ? 'heard' : 'started';
  const runs = notes.filter((note) => note.what === what).map(({ run }) => run);
  // Several attempts of a worker may be under way, and any of them may complete the task.
  const isRight = tool === 'job' ? runs.includes(outcome.run) : runs.at(-1) === outcome.run;
  if (!isRight) yield `replaced run: ${where} has the result of ${outcome.run}, not of the last run`;
  const done = notes.filter((note) => note.what === 'done').map(({ token }) => token);
  const heard = notes.filter((note) => note.what === 'heard').map(({ token }) => token);
  for (const effect of outcome.effects)
    if (!done.includes(effect)) yield `no such effect: ${where}: ${effect}`;
  for (const token of outcome.heard) if (!heard.includes(token)) yield `never heard: ${where}: ${token}`;
}

/** Blocks that allow no retry have begun once at most. */
export function* checkOnce({ tool, retry, mark }: TaskRecord, notes: readonly TaskNote[]): Generator<string> {
  if (retry) return;
  const begun = notes.filter(({ what }) => what === 'begun').map(({ key = '' }) => key);
  for (const key of new Set(begun)) {
    const times = begun.filter((each) => each === key).length;
    if (times > 1) yield `repeated: ${key} of ${tool} ${mark} ran ${times} times and allows no retry`;
  }
}
