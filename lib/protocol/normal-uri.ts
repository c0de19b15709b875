import { invalidParams } from './mcp.error.js';

/** Most characters of a URI that a client may name. */
export const MAX_URI_LENGTH = 8_192;

const NEEDS_CARE = /%|[^\w.~:/?#[\]@!$&'()*+,;=-]|^[^:]*[A-Z]/;
const ESCAPE = /%[0-9A-Fa-f]{2}/g;
const UNRESERVED = /[\w.~-]/;
/** Neither reserved nor unreserved, nor the sign of an escape. */
const FOREIGN = /[^\w.~:/?#[\]@!$&'()*+,;=%-]+/g;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/;

/**
 * The form of a URI by which it is compared: scheme in lower case, escapes in upper case, unreserved characters plain,
 * and what no URI may hold escaped. Host and path stay as they are: in `user://Ada` the host is an identifier.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */
export function normalUri(uri: string): string {
  if (!NEEDS_CARE.test(uri)) return uri;
  return normalLiteral(uri.replace(SCHEME, (scheme) => scheme.toLowerCase()));
}

/**
 * The same for a part of a URI, such as the literal text of a template.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6570#section-3.1
 */
export function normalLiteral(text: string): string {
  return text
    .replace(ESCAPE, normalEscape)
    .replace(FOREIGN, (foreign) => encodeURIComponent(foreign.replace(/\p{Surrogate}/gu, '\uFFFD')));
}

/** The form of a template by which it is compared: expressions as they are, literal text in normal form. */
export function normalTemplate(template: string): string {
  return template.replace(/[^{}]+(?=\{|$)/g, (literal: string, at: number) =>
    at === 0 ? normalUri(literal) : normalLiteral(literal),
  );
}

function normalEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}

/** Reads a URI that a client sent, as it sent it. Throws `-32602` for what is none. */
export function readUri(uri: unknown, name = 'uri'): string {
  if (typeof uri !== 'string') throw invalidParams(`${name} must be a string`);
  if (uri.length > MAX_URI_LENGTH)
    throw invalidParams(`${name} must have ${MAX_URI_LENGTH} characters at most`, { uri });
  return uri;
}
