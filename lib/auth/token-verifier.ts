import type { Principal } from '../registry/principal.js';

/**
 * Verifies access tokens and names their principal. The option `auth.verifier` is bound to this class, so that it can be injected
 * and, in a test, overridden.
 *
 * @publicApi
 */
export abstract class TokenVerifier {
  /**
   * True if `verify` requires a `resource`. The application then does not start unless `publicUrl` or `auth.resource`
   * gives it.
   * @default false
   */
  readonly needsResource: boolean = false;

  /**
   * The principal of a token; `undefined` for any that is not to be accepted: malformed, forged, expired, revoked, or
   * issued for another server than this.
   *
   * @param resource - The URL of this server, which the token has to be meant for; `undefined` if it is not configured.
   * @throws TokenVerifierUnavailableError when it cannot be told now; the request is answered 503. What else it throws is
   *   taken for a failure of the server (500), never for a bad token.
   */
  abstract verify(token: string, resource: string | undefined): Promise<Principal | undefined>;

  /**
   * Time to verify a token again, in milliseconds since the epoch: streams that are open then end if it was revoked
   * meanwhile. Absent where tokens are good until they expire.
   */
  recheckAt?(token: string, resource: string | undefined): number;
}

/**
 * Thrown when the source of verdicts on tokens cannot be reached. The request is answered 503 with `Retry-After`.
 *
 * @publicApi
 */
export class TokenVerifierUnavailableError extends Error {
  override readonly name = 'TokenVerifierUnavailableError';
  /** Stable identifier of this family of errors. */
  readonly code = 'MCP_TOKEN_VERIFIER_UNAVAILABLE';
}
