import type { JSONWebKeySet } from 'jose';
import type { TokenVerifierOptions } from '../verifier-options.interface.js';

/**
 * Options of `JwtTokenVerifier`. Of `jwksUrl` and `keys` one is needed.
 *
 * @publicApi
 */
export interface JwtTokenVerifierOptions extends TokenVerifierOptions {
  /** Issuer of the tokens (`iss`), compared exactly; or several issuers that share their keys. */
  readonly issuer: string | readonly string[];

  /** URL of the issuer's public keys: `jwks_uri` of its metadata. */
  readonly jwksUrl?: string | URL;

  /** The public keys themselves, as a JSON Web Key Set. @default fetched from `jwksUrl` */
  readonly keys?: JSONWebKeySet;

  /** The signature algorithms to accept, asymmetric ones only. @default all of RS, PS, ES (256 to 512) and EdDSA */
  readonly algorithms?: readonly string[];

  /** Least milliseconds between two fetches for the sake of an unknown key. @default 30000 */
  readonly jwksCooldownMs?: number;

  /** Milliseconds after which known keys are fetched again. @default 600000 (10 minutes) */
  readonly jwksMaxAgeMs?: number;
}
