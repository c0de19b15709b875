import type { UriPart, ValuePart } from './uri-template-parts.js';

/** The parts from here on can make up the rest of the text. */
const REACHABLE = 1;
/** A run of at least one character that the part may hold ends where the next part can begin. */
const RUN = 2;

type Codes = ArrayLike<number>;

/** A part with its texts as character codes. */
interface CodedPart {
  /** The text of a literal, or what introduces a variable. */
  readonly lead: Codes;
  /** Absent for a literal. */
  readonly stops: ReadonlySet<number> | undefined;
}

/**
 * Makes the function that cuts a text, given as character codes, into the parts of a template: where each part ends, or
 * `undefined` if the text has not these parts. A variable takes as few characters as let the rest match.
 *
 * One pass from the end of the text finds what can follow each character, one from its beginning takes it: the work is
 * the length of the text times that of the template, whatever they hold.
 */
export function createCutter(parts: readonly UriPart[]): (codes: Codes) => readonly number[] | undefined {
  const coded = parts.map(toCoded);
  return (codes) => {
    const table = fill(coded, codes);
    if (!isReachable(table, 0)) return undefined;
    const ends: number[] = [];
    for (const [index, part] of coded.entries()) {
      ends.push(
        endOf(part, codes, ends.at(-1) ?? 0, (end) =>
          isReachable(table, end * (coded.length + 1) + index + 1),
        ),
      );
    }
    return ends;
  };
}

function toCoded(part: UriPart): CodedPart {
  if (part.kind === 'literal') return { lead: toCodes(part.text), stops: undefined };
  return { lead: toCodes(part.lead), stops: new Set(toCodes((part as ValuePart).stops)) };
}

/** The character codes of a text. */
export function toCodes(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/** A row for each place in the text, a column for each part and one for the end. */
function fill(parts: readonly CodedPart[], codes: Codes): Uint8Array {
  const { length } = codes;
  const width = parts.length + 1;
  const table = new Uint8Array((length + 1) * width);
  table[length * width + parts.length] = REACHABLE;
  for (let at = length; at >= 0; at--) {
    const code = at < length ? codes[at] : undefined;
    for (let p = parts.length - 1; p >= 0; p--) {
      const { lead, stops } = parts[p] as CodedPart;
      const cell = at * width + p;
      if (!stops) {
        if (holds(codes, at, lead) && isReachable(table, cell + lead.length * width + 1))
          table[cell] = REACHABLE;
        continue;
      }
      const isRun =
        code !== undefined &&
        !stops.has(code) &&
        ((table[cell + width] as number) & RUN || isReachable(table, cell + width + 1));
      const isSkipped = lead.length > 0 && isReachable(table, cell + 1);
      const isTaken =
        lead.length === 0
          ? isRun
          : holds(codes, at, lead) && (table[cell + lead.length * width] as number) & RUN;
      table[cell] = (isRun ? RUN : 0) | (isTaken || isSkipped ? REACHABLE : 0);
    }
  }
  return table;
}

function isReachable(table: Uint8Array, cell: number): boolean {
  return ((table[cell] ?? 0) & REACHABLE) !== 0;
}

function holds(codes: Codes, at: number, text: Codes): boolean {
  if (at + text.length > codes.length) return false;
  for (let index = 0; index < text.length; index++) if (codes[at + index] !== text[index]) return false;
  return true;
}

/** Where a part that begins at `at` ends, given where the next one may begin. */
function endOf(part: CodedPart, codes: Codes, at: number, mayEnd: (end: number) => boolean): number {
  const { lead, stops } = part;
  if (!stops) return at + lead.length;
  if (!holds(codes, at, lead)) return at;
  for (let end = at + lead.length; end < codes.length && !stops.has(codes[end] as number);) {
    if (mayEnd(++end)) return end;
  }
  return at;
}
