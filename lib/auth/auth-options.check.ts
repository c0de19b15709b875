import { McpConfigurationError } from '../protocol/configuration.error.js';
import { isObject } from '../protocol/json-rpc.js';
import { isScope } from '../protocol/scope.js';
import { isLocalHost } from './local-host.js';
import type { McpAuthOptions } from './auth-options.interface.js';

/** Throws `McpConfigurationError` naming the first part of the option `auth` that cannot work. */
export function checkAuthOptions(given: McpAuthOptions): void {
  const value: unknown = given;
  if (!isObject(value)) fail('auth', 'must be an object');
  const { authorizationServers: servers, verifier, impliedScopes = {} } = given;
  if (!Array.isArray(servers) || servers.length === 0) {
    fail('auth.authorizationServers', 'must name at least one issuer, as in ["https://id.example"]');
  }
  for (const server of servers) checkUrl('auth.authorizationServers', server);
  if (given.resource !== undefined) checkUrl('auth.resource', given.resource);
  if (given.resourceDocumentation !== undefined)
    checkUrl('auth.resourceDocumentation', given.resourceDocumentation);
  if (given.resourceName !== undefined && typeof given.resourceName !== 'string') {
    fail('auth.resourceName', 'must be a string');
  }
  if (verifier !== undefined && typeof verifier !== 'function' && !isObject(verifier)) {
    fail('auth.verifier', 'must be a TokenVerifier, a class of one, or a provider without its token');
  }
  if (given.listPermittedOnly !== undefined && typeof given.listPermittedOnly !== 'boolean') {
    fail('auth.listPermittedOnly', 'must be a boolean');
  }
  checkScopes('auth.requiredScopes', given.requiredScopes);
  checkScopes('auth.scopesSupported', given.scopesSupported);
  if (!isObject(impliedScopes)) fail('auth.impliedScopes', 'must map scopes to lists of scopes');
  for (const [scope, implied] of Object.entries(impliedScopes)) {
    checkScopes('auth.impliedScopes', [scope]);
    checkScopes(`auth.impliedScopes["${scope}"]`, implied);
  }
}

/** Throws for what is no origin under which clients can be told to find the server. */
export function checkPublicUrl(given: unknown): void {
  const url = checkUrl('publicUrl', given);
  if (url.pathname !== '/' || url.search !== '') {
    fail('publicUrl', `must be scheme and host, as in "${url.origin}"; the path goes into publicPath`);
  }
}

function checkUrl(option: string, given: unknown): URL {
  if (typeof given !== 'string' || !URL.canParse(given)) {
    fail(option, `must hold URLs such as "https://id.example", not ${JSON.stringify(given)}`);
  }
  const url = new URL(given);
  if (url.protocol === 'http:' && !isLocalHost(url.hostname)) {
    fail(option, `must use https outside of a local network, where others could read tokens: "${given}"`);
  }
  if (!['http:', 'https:'].includes(url.protocol)) fail(option, `must be an https URL, not "${given}"`);
  if (url.hash !== '' || given.includes('#') || url.username !== '' || url.password !== '') {
    fail(option, `must have neither fragment nor credentials: "${given}"`);
  }
  return url;
}

function checkScopes(option: string, given: unknown): void {
  if (given === undefined) return;
  if (!Array.isArray(given)) fail(option, 'must be an array of scopes');
  const wrong: unknown = given.find((scope) => !isScope(scope));
  if (wrong !== undefined) {
    fail(
      option,
      `must hold scopes, of visible ASCII characters without space, quote and backslash, not ${JSON.stringify(wrong)}`,
    );
  }
  if (given.includes('offline_access')) {
    fail(
      option,
      'must not hold "offline_access": refresh tokens are between the client and the authorization server',
    );
  }
}

function fail(option: string, problem: string): never {
  throw new McpConfigurationError(`McpModule option ${option} ${problem}`);
}
