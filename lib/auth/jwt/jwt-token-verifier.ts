import {
  jwtVerify,
  type CryptoKey,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { isObject } from '../../protocol/json-rpc.js';
import type { Principal } from '../../registry/principal.js';
import { audiencesOf } from '../audience.js';
import { TokenVerifier, TokenVerifierUnavailableError } from '../token-verifier.js';
import { resolveVerifierOptions, toPrincipal } from '../verified-claims.js';
import type { JwtTokenVerifierOptions } from './jwt-token-verifier-options.interface.js';
import { createKeySource } from './key-source.js';

/** Asymmetric signature algorithms: the key that verifies a token cannot forge one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Values of `typ` in access tokens; any other value means another kind of token (RFC 8725 section 3.11). */
const TYPES: readonly unknown[] = ['at+jwt', 'jwt', undefined];

/**
 * Verifies access tokens that are JSON Web Tokens: signature, issuer, audience and time. Needs the package `jose`.
 *
 * Only asymmetric algorithms are accepted. Keys are fetched when first needed, kept, and fetched again when a token names
 * one that is not among them, at most every 30 seconds; what a token says about where its key is is never believed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068
 * @publicApi
 */
export class JwtTokenVerifier extends TokenVerifier {
  override readonly needsResource: boolean;
  readonly #options: JwtTokenVerifierOptions;
  readonly #common: ReturnType<typeof resolveVerifierOptions>;
  readonly #verify: JWTVerifyOptions;
  readonly #findKey: JWTVerifyGetKey;

  /** @throws McpConfigurationError when an option cannot work. */
  constructor(options: JwtTokenVerifierOptions) {
    super();
    const name = 'JwtTokenVerifier';
    const { issuer, audience, algorithms = ALGORITHMS } = options;
    const issuers = [issuer].flat();
    if (issuers.length === 0 || issuers.some((each) => typeof each !== 'string' || each === '')) {
      throw new McpConfigurationError(`${name} option issuer must be the iss of the tokens, or several`);
    }
    if (audience !== undefined && [audience].flat().some((each) => typeof each !== 'string' || each === '')) {
      throw new McpConfigurationError(`${name} option audience must be the aud of the tokens, or several`);
    }
    const wrong = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm));
    if (wrong !== undefined || algorithms.length === 0) {
      throw new McpConfigurationError(
        `${name} option algorithms must be some of ${ALGORITHMS.join(', ')}${wrong === undefined ? '' : `, not ${wrong}`}`,
      );
    }
    this.#options = options;
    this.needsResource = audience === undefined;
    this.#common = resolveVerifierOptions(name, options);
    this.#findKey = createKeySource(options, this.#common.timeoutMs);
    this.#verify = {
      issuer: issuers,
      algorithms: [...algorithms],
      clockTolerance: this.#common.clockToleranceMs / 1000,
      requiredClaims: ['exp'],
    };
  }

  async verify(token: string, resource: string | undefined): Promise<Principal | undefined> {
    const audience = audiencesOf(this.#options.audience, resource);
    if (audience.length === 0) return undefined;
    const claims = await this.#claimsOf(token, { ...this.#verify, audience });
    return claims && toPrincipal(claims, this.#common);
  }

  async #claimsOf(token: string, options: JWTVerifyOptions): Promise<JWTPayload | undefined> {
    try {
      return claimsOfAccessToken(await jwtVerify(token, this.#findKey, options));
    } catch (error) {
      if (error instanceof TokenVerifierUnavailableError) throw error;
      return isAmbiguous(error) ? claimsByAny(error, token, options) : undefined;
    }
  }
}

/** The token names no key, and several could be the one. */
async function claimsByAny(
  keys: AsyncIterable<CryptoKey>,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  for await (const key of keys) {
    const verified = await jwtVerify(token, key, options).catch(() => undefined);
    if (verified) return claimsOfAccessToken(verified);
  }
  return undefined;
}

function isAmbiguous(error: unknown): error is AsyncIterable<CryptoKey> {
  return isObject(error) && error['code'] === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS';
}

function claimsOfAccessToken({ payload, protectedHeader }: JWTVerifyResult): JWTPayload | undefined {
  const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
  return TYPES.includes(type) ? payload : undefined;
}
