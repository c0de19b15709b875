import type { IncomingMessage } from 'node:http';

/** Credentials of a request. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** Sent in a way that no server may accept. */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** A token that is none. */
  | { readonly kind: 'invalid' };

/** The characters of a token, RFC 6750 section 2.1. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const BEARER = /^bearer(?: +|$)/i;

/** No token in use is longer; what is costs nothing to refuse. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/**
 * Reads the token from the `Authorization` header, the only place where it is accepted.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#token-requirements
 */
export function readCredentials({
  rawHeaders,
  url = '',
}: Pick<IncomingMessage, 'rawHeaders' | 'url'>): Credentials {
  if (/[?&]access_token=/i.test(url)) {
    return { kind: 'malformed', problem: 'Tokens are accepted in the Authorization header only' };
  }
  // Node keeps the first of several and drops the rest, where a proxy may have looked at another.
  const given = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
  if (given.length > 1) return { kind: 'malformed', problem: 'Authorization must be sent once' };
  const value = given[0]?.trim() ?? '';
  if (!BEARER.test(value)) return { kind: 'none' };
  const token = value.replace(BEARER, '');
  if (token.length > MAX_TOKEN_LENGTH || !TOKEN.test(token)) return { kind: 'invalid' };
  return { kind: 'token', token };
}
