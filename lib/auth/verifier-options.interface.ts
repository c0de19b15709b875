import type { Claims } from '../registry/principal-from-claims.js';
import type { Principal } from '../registry/principal.js';

/**
 * Common options of verifiers of access tokens.
 *
 * @publicApi
 */
export interface TokenVerifierOptions {
  /**
   * Accepted audiences (`aud`) of tokens: one of these.
   * @default the URL of the server, from `publicUrl` or `auth.resource`
   */
  readonly audience?: string | readonly string[];

  /** Milliseconds that clocks may differ by. @default 5000 */
  readonly clockToleranceMs?: number;

  /** Milliseconds to wait for the authorization server. @default 5000 */
  readonly timeoutMs?: number;

  /**
   * Makes the principal from verified claims; `undefined` refuses the token.
   * @default issuer `iss`, client `client_id` or `azp`, subject `sub` or `username`, scopes `scope` or `scp`, expiry `exp`
   */
  readonly principal?: (claims: Claims) => Principal | undefined;
}
