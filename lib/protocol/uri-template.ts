import { McpConfigurationError } from './configuration.error.js';
import { MAX_URI_LENGTH, normalLiteral, normalUri } from './normal-uri.js';
import { createCutter, toCodes } from './uri-template-match.js';
import { parseUriTemplate, type UriPart } from './uri-template-parts.js';

/** The variables of a template as a URI gave them, percent-decoded. Optional ones that were absent are missing. */
export type UriVariables = Readonly<Record<string, string>>;

/**
 * A URI template of RFC 6570, levels 1 to 3, read backwards: from a URI to the variables it was made of.
 *
 * - `{a}` is one or more characters except `/ ? # &`, `{+a}` one or more of any.
 * - `{/a}` `{.a}` `{;a}` `{#a}` are optional, each with the character that introduces it.
 * - `{?a,b}` and `{&a,b}` are optional parameters in any order; a parameter of another name is no match.
 * - A variable takes as few characters as let the rest match.
 *
 * URIs are compared in their normal form, see `normalUri`; a longer one than `MAX_URI_LENGTH` matches nothing. Work and
 * memory grow with the length of the URI times that of the template: there is no backtracking. Decoded values may hold anything, `../` included: a handler that reads files has to check.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources#resource-templates
 */
export class UriTemplate {
  readonly variables: readonly string[];
  /** The text every matching URI begins with, in normal form. */
  readonly prefix: string;
  /** Characters that are not variables: the more, the more specific the template is. */
  readonly literalLength: number;
  readonly #parts: readonly UriPart[];
  readonly #cut: ReturnType<typeof createCutter>;

  /** @throws McpConfigurationError if the template is malformed or ambiguous; `where` begins the message. */
  constructor(
    readonly text: string,
    where: string,
  ) {
    const parts = parseUriTemplate(text, (problem) => {
      throw new McpConfigurationError(`${where}: the URI template "${text}" ${problem}`);
    });
    this.#parts = parts.map(normalPart);
    this.#cut = createCutter(this.#parts);
    this.variables = this.#parts.flatMap(namesOf);
    const [first] = this.#parts;
    this.prefix = first?.kind === 'literal' ? first.text : '';
    this.literalLength = this.#parts.reduce(
      (sum, part) => sum + (part.kind === 'literal' ? part.text.length : 0),
      0,
    );
  }

  /** The variables, or `undefined` when the URI is not of this template. Never throws. */
  match(given: string): UriVariables | undefined {
    if (given.length > MAX_URI_LENGTH) return undefined;
    const uri = normalUri(given);
    if (uri.length > MAX_URI_LENGTH || !uri.startsWith(this.prefix)) return undefined;
    const ends = this.#cut(toCodes(uri));
    if (!ends) return undefined;
    const found: Record<string, string> = Object.create(null) as Record<string, string>;
    const isMatch = this.#parts.every((part, index) =>
      capture(part, uri.slice(ends[index - 1] ?? 0, ends[index]), found),
    );
    return isMatch ? { ...found } : undefined;
  }
}

function namesOf(part: UriPart): readonly string[] {
  if (part.kind === 'literal') return [];
  return part.kind === 'query' ? part.names : [part.name];
}

function normalPart(part: UriPart, index: number): UriPart {
  if (part.kind !== 'literal') return part;
  return { ...part, text: (index === 0 ? normalUri : normalLiteral)(part.text) };
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
