import type { Principal } from '../registry/principal.js';
import { digest } from './canonical-json.js';

/**
 * What tells one principal from another: who vouches for it, through which client, and who it is. Of a verified
 * token that says neither of the latter, all that is known of it: two callers must never be taken for the same, though one may be taken for two.
 */
export function principalKey(principal: Principal | undefined): string | undefined {
  if (!principal) return undefined;
  const { issuer = null, tenant, clientId = null, subject = null, claims } = principal;
  const isNamed = clientId !== null || subject !== null;
  if (!isNamed) return `claims:${digest([issuer, claims])}`;
  return JSON.stringify([issuer, clientId, subject, ...(tenant === undefined ? [] : [tenant])]);
}
