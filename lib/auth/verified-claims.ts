import { MAX_DELAY_MS } from '../protocol/delays.js';
import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isLocalHost } from './local-host.js';
import { principalFromClaims, type Claims } from '../registry/principal-from-claims.js';
import type { Principal } from '../registry/principal.js';
import type { TokenVerifierOptions } from './verifier-options.interface.js';

const DEFAULT_TOLERANCE_MS = 5_000;
const DEFAULT_TIMEOUT_MS = 5_000;
/** The common options with their defaults; throws `McpConfigurationError` for what cannot work. */
export function resolveVerifierOptions(name: string, given: Omit<TokenVerifierOptions, 'audience'>) {
  const { clockToleranceMs = DEFAULT_TOLERANCE_MS, timeoutMs = DEFAULT_TIMEOUT_MS, principal } = given;
  if (!(Number.isSafeInteger(clockToleranceMs) && clockToleranceMs >= 0 && clockToleranceMs <= 300_000)) {
    throw new McpConfigurationError(`${name} option clockToleranceMs must be an integer from 0 to 300000`);
  }
  if (!(Number.isSafeInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_DELAY_MS)) {
    throw new McpConfigurationError(`${name} option timeoutMs must be an integer from 1 to ${MAX_DELAY_MS}`);
  }
  if (principal !== undefined && typeof principal !== 'function') {
    throw new McpConfigurationError(`${name} option principal must be a function of the claims`);
  }
  return { clockToleranceMs, timeoutMs, principal: principal ?? principalFromClaims };
}

/** Checks the URL of a source of keys or verdicts: https, or a host in a local network, against a man in the middle. */
export function checkServerUrl(name: string, option: string, given: unknown): URL {
  const url = typeof given === 'string' || given instanceof URL ? String(given) : '';
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new McpConfigurationError(
      `${name} option ${option} must be an https URL, not ${JSON.stringify(given)}`,
    );
  }
  const parsed = new URL(url);
  if (parsed.protocol === 'http:' && !isLocalHost(parsed.hostname)) {
    throw new McpConfigurationError(
      `${name} option ${option} must use https outside of a local network: whoever changes what "${url}" says opens the server`,
    );
  }
  return parsed;
}

/** The principal of claims that have been verified; `undefined` for a token that is no bearer token. */
export function toPrincipal(
  claims: Claims,
  { principal, clockToleranceMs }: ReturnType<typeof resolveVerifierOptions>,
): Principal | undefined {
  // Bound to a key (RFC 9449, RFC 8705), in whatever form: worth nothing without proof of it.
  if ((claims['cnf'] ?? undefined) !== undefined) return undefined;
  const found = principal(claims);
  return found?.expiresAt === undefined ? found : { ...found, expiresAt: found.expiresAt + clockToleranceMs };
}
