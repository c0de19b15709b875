/** The characters of a scope, RFC 6749 section 3.3; none of them needs quoting in a header. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export function isScope(given: unknown): given is string {
  return typeof given === 'string' && SCOPE.test(given);
}
