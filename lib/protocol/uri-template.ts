import { McpConfigurationError } from './configuration.error.js';
import { parseUriTemplate, type UriPart, type ValuePart } from './uri-template-parts.js';

/** The variables of a template as a URI gave them, percent-decoded. Optional ones that were absent are missing. */
export type UriVariables = Readonly<Record<string, string>>;

/** A longer URI matches no template. It bounds what a hostile one may cost in memory. */
export const MAX_MATCHED_URI_LENGTH = 65_536;

/**
 * A URI template of RFC 6570, levels 1 to 3, read backwards: from a URI to the variables it was made of.
 *
 * - `{a}` is one or more characters except `/ ? # &`, `{+a}` one or more of any.
 * - `{/a}` `{.a}` `{;a}` `{#a}` are optional, each with the character that introduces it.
 * - `{?a,b}` and `{&a,b}` are optional parameters in any order; a parameter of another name is no match.
 * - A variable takes as few characters as let the rest match.
 *
 * Work and memory grow with the length of the URI times that of the template, whatever they hold: there is no
 * backtracking. Decoded values may hold anything, `../` included: a handler that reads files has to check.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates
 */
export class UriTemplate {
  readonly variables: readonly string[];
  /** The text every matching URI begins with. */
  readonly prefix: string;
  /** Characters that are not variables: the more, the more specific the template is. */
  readonly literalLength: number;
  readonly #parts: readonly UriPart[];

  /** @throws McpConfigurationError if the template is malformed or ambiguous; `where` begins the message. */
  constructor(
    readonly text: string,
    where: string,
  ) {
    this.#parts = parseUriTemplate(text, (problem) => {
      throw new McpConfigurationError(`${where}: the URI template "${text}" ${problem}`);
    });
    this.variables = this.#parts.flatMap(namesOf);
    const [first] = this.#parts;
    this.prefix = first?.kind === 'literal' ? first.text : '';
    this.literalLength = this.#parts.reduce(
      (sum, part) => sum + (part.kind === 'literal' ? part.text.length : 0),
      0,
    );
  }

  /** The variables, or `undefined` when the URI is not of this template. Never throws. */
  match(uri: string): UriVariables | undefined {
    if (uri.length > MAX_MATCHED_URI_LENGTH || !uri.startsWith(this.prefix)) return undefined;
    const parts = this.#parts;
    const reach = reachability(parts, uri);
    if (!reach[0]?.[0]) return undefined;
    const found: Record<string, string> = Object.create(null) as Record<string, string>;
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const next = reach[index + 1] as Uint8Array;
      const end = endOf(part, uri, at, next);
      if (!capture(part, uri.slice(at, end), found)) return undefined;
      at = end;
    }
    return { ...found };
  }
}

function namesOf(part: UriPart): readonly string[] {
  if (part.kind === 'literal') return [];
  return part.kind === 'query' ? part.names : [part.name];
}

/** `table[p][i]` tells whether the parts from `p` on can make up the text from `i` on. Filled from the end. */
function reachability(parts: readonly UriPart[], uri: string): readonly Uint8Array[] {
  const length = uri.length;
  const table = Array.from({ length: parts.length + 1 }, () => new Uint8Array(length + 1));
  (table[parts.length] as Uint8Array)[length] = 1;
  for (let p = parts.length - 1; p >= 0; p--) {
    fill(parts[p] as UriPart, uri, table[p] as Uint8Array, table[p + 1] as Uint8Array);
  }
  return table;
}

function fill(part: UriPart, uri: string, row: Uint8Array, next: Uint8Array): void {
  if (part.kind === 'literal') {
    for (let i = uri.length - part.text.length; i >= 0; i--) {
      if (next[i + part.text.length] && uri.startsWith(part.text, i)) row[i] = 1;
    }
    return;
  }
  const { stops, lead } = part;
  // Whether a run of at least one allowed character from here on can end where the next part begins.
  let run = false;
  const runs = new Uint8Array(uri.length + 1);
  for (let i = uri.length - 1; i >= 0; i--) {
    run = !stops.includes(uri[i] as string) && (run || next[i + 1] === 1);
    if (run) runs[i] = 1;
  }
  if (!isOptional(part)) {
    row.set(runs);
    return;
  }
  row.set(next);
  for (let i = uri.length - lead.length; i >= 0; i--) {
    if (runs[i + lead.length] && uri.startsWith(lead, i)) row[i] = 1;
  }
}

/** Where a part that begins at `at` ends, given where the next one may begin. */
function endOf(part: UriPart, uri: string, at: number, next: Uint8Array): number {
  if (part.kind === 'literal') return at + part.text.length;
  if (isOptional(part) && !uri.startsWith(part.lead, at)) return at;
  let end = at + part.lead.length;
  while (end < uri.length && !part.stops.includes(uri[end] as string)) {
    end++;
    if (next[end]) return end;
  }
  return at;
}

function isOptional(part: ValuePart): boolean {
  return part.lead !== '';
}

/** Takes the values out of a part's text; `false` when they are none. */
function capture(part: UriPart, text: string, found: Record<string, string>): boolean {
  if (part.kind === 'literal' || text === '') return true;
  const value = text.slice(part.lead.length);
  if (part.kind === 'query')
    return value.split('&').every((pair) => captureParameter(part.names, pair, found));
  return decodeInto(found, part.name, value);
}

function captureParameter(names: readonly string[], pair: string, found: Record<string, string>): boolean {
  const equals = pair.indexOf('=');
  const name = equals < 0 ? pair : pair.slice(0, equals);
  if (!names.includes(name) || name in found) return false;
  return decodeInto(found, name, equals < 0 ? '' : pair.slice(equals + 1));
}

function decodeInto(found: Record<string, string>, name: string, value: string): boolean {
  try {
    found[name] = decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}
