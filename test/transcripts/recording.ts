import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Step } from './transcript.js';

export type RecordingName = 'stateless' | 'sessions';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'recorded');

/** True if answers are recorded, rather than compared with the recorded ones. */
export const isRecording = process.env['UPDATE_TRANSCRIPTS'] === '1';

/** The steps of each program, by its title. */
export type Recording = ReadonlyMap<string, readonly Step[]>;

/** Reads a recording: a line per step, the lines of a program after one that has its title. */
export function readRecording(name: RecordingName): Recording {
  const programs = new Map<string, Step[]>();
  let steps: Step[] = [];
  for (const line of readFileSync(fileOf(name), 'utf8').split('\n')) {
    if (line === '') continue;
    const parsed = JSON.parse(line) as Step | { readonly program: string };
    if ('program' in parsed) programs.set(parsed.program, (steps = []));
    else steps.push(parsed);
  }
  return programs;
}

export function writeRecording(name: RecordingName, recording: Recording): void {
  const lines = [...recording].flatMap(([program, steps]) => [{ program }, ...steps]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function fileOf(name: RecordingName): string {
  return join(folder, `${name}.jsonl`);
}

/** The first step that differs, for people to read; `undefined` if none does. */
export function differenceOf(recorded: readonly Step[], now: readonly Step[]): string | undefined {
  const length = Math.max(recorded.length, now.length);
  for (let index = 0; index < length; index++) {
    const [before, after] = [recorded[index], now[index]];
    // As JSON has it: what is undefined is not there.
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    if (before && after && isToldAgain(before, after, now.slice(0, index))) continue;
    const { move } = (after ?? before)!;
    const lines = [`step ${index + 1} of ${length}, in "${move}":`, ...linesOf(before, after)];
    return lines.join('\n');
  }
  return undefined;
}

/**
 * A call that is over, or its outcome once more: a state that is used again gets it as long as the instance that ran the call
 * does not know that it was heard.
 */
function isToldAgain(before: Step, after: Step, earlier: readonly Step[]): boolean {
  const isOver = JSON.stringify(before.answer ?? null).includes('is over; call again without it');
  const outcome = resultOf(after);
  return isOver && outcome !== undefined && earlier.some((step) => resultOf(step) === outcome);
}

function resultOf({ answer, events }: Step): string | undefined {
  const last = (answer ?? events?.at(-1)?.data ?? {}) as { readonly result?: unknown };
  return JSON.stringify(last.result);
}

/** Parts that are equal are told once, in short. */
function linesOf(before: Step | undefined, after: Step | undefined): string[] {
  if (!before) return ['  not recorded, but happened:', indent(after)];
  if (!after) return ['  recorded, but did not happen:', indent(before)];
  const parts = [
    'move',
    'verb',
    'headers',
    'body',
    'status',
    'answerHeaders',
    'answer',
    'events',
    'end',
  ] as const;
  return parts.flatMap((part) => {
    const [one, other] = [JSON.stringify(before[part]), JSON.stringify(after[part])];
    if (one === undefined && other === undefined) return [];
    if (one === other) return [`  ${part}: ${shortened(one)}`];
    if (part === 'events') return eventLines(before.events ?? [], after.events ?? []);
    return [`  ${part} was: ${one}`, `  ${part} is:  ${other}`];
  });
}

function eventLines(before: readonly unknown[], after: readonly unknown[]): string[] {
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => {
    const [one, other] = [JSON.stringify(before[index]), JSON.stringify(after[index])];
    return one === other
      ? [`  event ${index + 1}: ${shortened(one)}`]
      : [`  event ${index + 1} was: ${one}`, `  event ${index + 1} is:  ${other}`];
  }).flat();
}

function shortened(text: string | undefined = ''): string {
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function indent(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(/^/gm, '    ');
}
