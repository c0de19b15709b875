import { patternsOf } from './explosive-schema.js';
import type { JsonSchema } from './schema.js';
import { everySubschema } from './subschemas.js';

const BACKREFERENCE = /\\[1-9k]/;
const ATOM =
  /(\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]|[^()|])(\*|\+|\?|\{\d+(?:,\d*)?\})?\??/gsu;
/** The innermost group, with what repeats it. */
const GROUP =
  /\((?:\?(?::|<?[=!]|<\w+>))?((?:\\.|\[(?:\\.|[^\]\\])*\]|[^()\\[])*)\)([*+]|\{\d+(?:,\d*)?\})?/su;
/** Replacement for a group that was checked: any text. */
const ANY = '[^]';
const ALPHABET = Array.from({ length: 127 }, (_, code) => String.fromCharCode(code + 1));

interface Atom {
  readonly characters: ReadonlySet<string>;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

/**
 * The patterns of a document that hostile text can make run for ages where nothing limits them. Patterns beside a `format`
 * are a library's own.
 */
export function ambiguousPatterns(document: JsonSchema): string[] {
  const written = [...everySubschema(document)].filter((schema) => !('format' in schema));
  return written.flatMap(patternsOf).filter(isAmbiguous);
}

/** Checks whether a text can match in ever more ways as it grows, as with `(a+)+`, `(a|aa)*` or `(.*)\1`. A heuristic. */
export function isAmbiguous(pattern: string): boolean {
  if (BACKREFERENCE.test(pattern)) return true;
  let rest = pattern;
  for (let group = GROUP.exec(rest); group; group = GROUP.exec(rest)) {
    const [whole, body = '', repetition] = group;
    const isRepeated = repetition !== undefined && /[*+]|,/.test(repetition);
    if (isRepeated && isAmbiguousBody(body)) return true;
    const stands = hasRepetition(body) ? `${ANY}*` : body;
    rest =
      rest.slice(0, group.index) +
      (isRepeated ? `${ANY}+` : stands.replaceAll('|', '')) +
      rest.slice(group.index + whole.length);
  }
  return false;
}

/** A body can be repeated safely if each round begins, or ends, with a character that is nowhere else in it. */
function isAmbiguousBody(body: string): boolean {
  const branches = body.split('|').map(atomsOf);
  if (branches.length > 1) {
    const firsts = branches.map(([first]) => first);
    return branches.some((branch, index) => {
      const others = firsts.filter((_, other) => other !== index);
      const overlaps = others.some((other) => !other || meets(branch[0], other));
      return overlaps || branch.some(({ isRepeated, isOptional }) => isRepeated || isOptional);
    });
  }
  const [atoms = []] = branches;
  const loose = atoms.filter(({ isRepeated, isOptional }) => isRepeated || isOptional);
  if (loose.length === 0) return false;
  const fixed = atoms.filter((atom) => !loose.includes(atom));
  return !fixed.some((separator) => loose.every((atom) => !meets(separator, atom)));
}

function hasRepetition(body: string): boolean {
  return atomsOf(body).some(({ isRepeated }) => isRepeated);
}

function atomsOf(body: string): Atom[] {
  return [...body.matchAll(ATOM)].map(([, atom = '', quantifier = '']) => ({
    characters: charactersOf(atom),
    isOptional: /^(?:[*?]|\{0)/.test(quantifier),
    isRepeated: /[*+]|,/.test(quantifier),
  }));
}

function meets(a: Atom | undefined, b: Atom): boolean {
  return !a || [...a.characters].some((character) => b.characters.has(character));
}

function charactersOf(atom: string): ReadonlySet<string> {
  try {
    const expression = new RegExp(`^(?:${atom})$`, 's');
    return new Set(ALPHABET.filter((character) => expression.test(character)));
  } catch {
    return new Set(ALPHABET);
  }
}
