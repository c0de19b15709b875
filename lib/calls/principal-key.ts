import type { Principal } from '../registry/principal.js';
import { digest } from './canonical-json.js';

/**
 * Key that tells one principal from another: its issuer, client, subject and tenant. For a verified token without client
 * and subject, a digest of the issuer and all claims: two callers never share a key, though one caller may have two.
 */
export function principalKey(principal: Principal | undefined): string | undefined {
  if (!principal) return undefined;
  const { issuer = null, tenant, clientId = null, subject = null, claims } = principal;
  const isNamed = Boolean(clientId) || Boolean(subject);
  if (!isNamed) return `claims:${digest([issuer, claims])}`;
  return JSON.stringify([issuer, clientId, subject, ...(tenant === undefined ? [] : [tenant])]);
}
