/** Accepted audiences of a token: those in the options of a verifier, else the server itself. */
export function audiencesOf(
  configured: string | readonly string[] | undefined,
  resource: string | undefined,
): string[] {
  const named = configured ?? resource ?? [];
  const all = typeof named === 'string' ? [named] : [...named];
  // RFC 3986 takes both for the same resource where there is no path, and clients send either.
  return all.flatMap((audience) => (isBareOrigin(audience) ? [audience, toggleSlash(audience)] : [audience]));
}

function isBareOrigin(audience: string): boolean {
  return /^https?:\/\/[^/?#]+\/?$/i.test(audience);
}

function toggleSlash(origin: string): string {
  return origin.endsWith('/') ? origin.slice(0, -1) : `${origin}/`;
}
