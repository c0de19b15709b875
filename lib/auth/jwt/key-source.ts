import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { McpConfigurationError } from '../../protocol/configuration.error.js';
import { isObject } from '../../protocol/json-rpc.js';
import { TokenVerifierUnavailableError } from '../token-verifier.js';
import { checkServerUrl } from '../verified-claims.js';
import type { JwtTokenVerifierOptions } from './jwt-token-verifier-options.interface.js';

const NAME = 'JwtTokenVerifier';

/** Codes of errors that are the fault of the token, not of the key set. */
const TOKEN_FAULTS: ReadonlySet<unknown> = new Set([
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_NOT_SUPPORTED',
]);

/** Finds the key that a token names; that there is none is not the same as not being able to tell. */
export function createKeySource(options: JwtTokenVerifierOptions, timeoutMs: number): JWTVerifyGetKey {
  const find = options.keys ? localKeys(options.keys) : remoteKeys(options, timeoutMs);
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (isObject(error) && TOKEN_FAULTS.has(error['code'])) throw error;
      throw new TokenVerifierUnavailableError('The keys of the authorization server cannot be had', {
        cause: error,
      });
    }
  };
}

function remoteKeys(options: JwtTokenVerifierOptions, timeoutDuration: number): JWTVerifyGetKey {
  const { jwksUrl, jwksCooldownMs = 30_000, jwksMaxAgeMs = 600_000 } = options;
  if (jwksUrl === undefined) throw new McpConfigurationError(`${NAME} needs the option jwksUrl or keys`);
  for (const [option, value] of Object.entries({ jwksCooldownMs, jwksMaxAgeMs })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new McpConfigurationError(`${NAME} option ${option} must be an integer of 0 or more`);
  }
  return createRemoteJWKSet(checkServerUrl(NAME, 'jwksUrl', jwksUrl), {
    timeoutDuration,
    cooldownDuration: jwksCooldownMs,
    cacheMaxAge: jwksMaxAgeMs,
  });
}

function localKeys(keys: JSONWebKeySet): JWTVerifyGetKey {
  if (!isObject(keys) || !Array.isArray(keys.keys) || keys.keys.length === 0) {
    throw new McpConfigurationError(`${NAME} option keys must be a JSON Web Key Set: { keys: [...] }`);
  }
  if (keys.keys.some((key: unknown) => !isObject(key) || key['kty'] === 'oct' || 'd' in key)) {
    throw new McpConfigurationError(`${NAME} option keys must hold public keys only`);
  }
  return createLocalJWKSet(keys);
}
