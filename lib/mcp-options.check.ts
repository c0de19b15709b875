import type { LoggerService } from '@nestjs/common';
import { checkAuthOptions, checkPublicUrl } from './auth/auth-options.check.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import type { McpAuthOptions } from './auth/auth-options.interface.js';
import { isObject } from './protocol/json-rpc.js';
import { PROTOCOL_VERSIONS } from './protocol/protocol-version.js';
import { isImplementation } from './protocol/request-meta.js';
import type { CacheHint } from './protocol/types/caching.js';

/** The most that a timer of Node can wait; it takes more for 1. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const LIMITS = [
  'maxBodyBytes',
  'maxSessions',
  'maxSessionsPerPrincipal',
  'maxStreamsPerSession',
  'maxBufferedBytesPerStream',
  'maxParkedCalls',
  'maxSubscriptions',
] as const;

const TYPES = {
  principal: 'function',
  instructions: 'string',
  cursorSecret: 'string',
  strictAccept: 'boolean',
  hideDenied: 'boolean',
  openaiOutputTemplate: 'boolean',
  schemaToJson: 'function',
} as const;

/** Throws `McpConfigurationError` naming the first option that cannot work. */
export function checkOptions(given: McpModuleOptions): void {
  const value: unknown = given;
  if (!isObject(value)) {
    throw new McpConfigurationError(`McpModule options must be an object, not ${typeof value}`);
  }
  const { name, serverInfo, protocolVersions, cacheHints = {}, include, logger } = given;
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    fail('name', 'must be a string with content');
  for (const [option, type] of Object.entries(TYPES)) {
    const value = given[option as keyof typeof TYPES];
    if (value !== undefined && typeof value !== type) fail(option, `must be a ${type}`);
  }
  if (logger !== undefined && typeof (logger as LoggerService | null)?.error !== 'function') {
    fail('logger', 'must have the methods of a Nest LoggerService');
  }
  if (serverInfo !== undefined && !isImplementation(serverInfo)) {
    fail('serverInfo', 'must have a name and a version, both strings');
  }
  for (const option of ['path', 'publicPath'] as const) {
    const path = given[option];
    if (path !== undefined && !(typeof path === 'string' && /^\/[^\s?#]*$/.test(path)))
      fail(option, `must start with "/", as in "/mcp", not "${path}"`);
  }
  if (!['route', 'direct', undefined].includes(given.mount)) fail('mount', 'must be "route" or "direct"');
  if (given.mount === 'direct' && /[*+(){}]/.test(given.path ?? '')) {
    fail('mount', `cannot be "direct" for a path with wildcards, such as "${given.path}"`);
  }
  if (given.publicUrl !== undefined) checkPublicUrl(given.publicUrl);
  if (given.auth !== undefined) checkAuth(given.auth, given);
  for (const option of ['protocolVersions', 'allowedHosts', 'allowedOrigins', 'include'] as const) {
    if (given[option] !== undefined && !Array.isArray(given[option])) fail(option, 'must be an array');
  }
  if (include?.some((module) => typeof module !== 'function')) {
    fail('include', 'must hold module classes (one that is undefined here is imported in a circle)');
  }
  const unknown = protocolVersions?.find((version) => !PROTOCOL_VERSIONS.includes(version));
  if (unknown !== undefined || protocolVersions?.length === 0) {
    fail(
      'protocolVersions',
      `must name at least one of ${PROTOCOL_VERSIONS.join(', ')}${unknown ? `, not ${unknown}` : ''}`,
    );
  }
  if (given.pageSize !== Infinity) checkNumber('pageSize', given.pageSize, 1);
  checkNumber('requestTimeoutMs', given.requestTimeoutMs, 1, LONGEST_DELAY_MS);
  checkNumber('keepAliveMs', given.keepAliveMs, 1, LONGEST_DELAY_MS);
  checkNumber('shutdownGraceMs', given.shutdownGraceMs, 0, LONGEST_DELAY_MS);
  checkNumber('sessionTtlMs', given.sessionTtlMs, 1, LONGEST_DELAY_MS);
  checkNumber('parkTimeoutMs', given.parkTimeoutMs, 1, LONGEST_DELAY_MS);
  checkSecret(given.requestStateSecret);
  for (const option of LIMITS) checkNumber(option, given[option], 1);
  if (!['reject', 'adopt', undefined].includes(given.onUnknownSession)) {
    fail('onUnknownSession', 'must be "reject" or "adopt"');
  }
  for (const [list, hint] of Object.entries(cacheHints as Readonly<Record<string, CacheHint | undefined>>)) {
    checkNumber(`cacheHints.${list}.ttlMs`, hint?.ttlMs, 0);
    if (!['public', 'private', undefined].includes(hint?.cacheScope)) {
      fail(`cacheHints.${list}.cacheScope`, 'must be "public" or "private"');
    }
  }
  const badOrigin = given.allowedOrigins?.find(
    (origin) => origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/]+$/i.test(origin),
  );
  if (badOrigin !== undefined) {
    fail('allowedOrigins', `must hold origins such as "https://app.example" (no path), not "${badOrigin}"`);
  }
  const badHost = given.allowedHosts?.find(
    (host) => typeof host !== 'string' || host === '' || host.includes('/'),
  );
  if (badHost !== undefined) {
    fail('allowedHosts', `must hold host names such as "mcp.example" or "localhost:3000", not "${badHost}"`);
  }
}

function checkAuth(auth: McpAuthOptions, { principal }: McpModuleOptions): void {
  checkAuthOptions(auth);
  if (auth.verifier === undefined || principal === undefined) return;
  fail('principal', 'cannot be together with auth.verifier, which says who calls: leave one of them out');
}

function checkSecret(given: McpModuleOptions['requestStateSecret']): void {
  if (given === undefined) return;
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (secrets.length > 0 && secrets.every((secret) => typeof secret === 'string' && secret.length >= 32))
    return;
  fail('requestStateSecret', 'must be a string of 32 characters or more, or several in an array');
}

function checkNumber(option: string, value: number | undefined, minimum: number, maximum?: number): void {
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && value >= minimum && value <= (maximum ?? value)) return;
  const range = maximum === undefined ? `of ${minimum} or more` : `from ${minimum} to ${maximum}`;
  fail(option, `must be an integer ${range}, not ${value}`);
}

function fail(option: string, problem: string): never {
  throw new McpConfigurationError(`McpModule option ${option} ${problem}`);
}
