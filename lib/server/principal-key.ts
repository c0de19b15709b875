import type { Principal } from '../registry/principal.js';

/** What tells one principal from another: who vouches for it, through which client, and who it is. */
export function principalKey(principal: Principal | undefined): string | undefined {
  if (!principal) return undefined;
  const { issuer, clientId, subject } = principal;
  return JSON.stringify([issuer ?? null, clientId ?? null, subject ?? null]);
}
