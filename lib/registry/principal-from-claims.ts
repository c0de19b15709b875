import type { Principal } from './principal.js';

/** Claims about the caller, from a verified token or from a guard that verified one. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * The principal that claims speak of, by the names of RFC 9068 and those that common products use instead: `azp` for the
 * client, `scp` or a list for the scopes, `username` (RFC 7662) where there is no subject.
 */
export function principalFromClaims(claims: Claims): Principal {
  const { iss, sub, username, client_id: clientId, azp, scope, scp, exp } = claims;
  const scopes = readScopes(scope ?? scp);
  return {
    ...named('issuer', iss),
    ...named('clientId', canName(clientId) ? clientId : azp),
    ...named('subject', canName(sub) ? sub : username),
    ...(scopes && { scopes }),
    ...(typeof exp === 'number' && Number.isFinite(exp) && { expiresAt: exp * 1000 }),
    claims,
  };
}

/** The field with that value, if it is one that can name something. */
export function named<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return canName(value) ? ({ [key]: String(value) } as { [P in K]: string }) : {};
}

/** Checks whether a value tells one from another: whoever has an empty name would be everybody who has one. */
function canName(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function readScopes(given: unknown): readonly string[] | undefined {
  if (typeof given === 'string') return given.split(' ').filter(Boolean);
  return Array.isArray(given) ? given.filter((scope) => typeof scope === 'string') : undefined;
}
