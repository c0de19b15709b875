import type { LoggerService } from '@nestjs/common';
import { DEFAULT_LIMITS } from './mcp-limits.js';
import { MAX_DELAY_MS } from './protocol/delays.js';
import { checkAuthOptions, checkPublicUrl } from './auth/auth-options.check.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import { isObject } from './protocol/json-rpc.js';
import { PROTOCOL_VERSIONS } from './protocol/protocol-version.js';
import { isImplementation } from './protocol/request-meta.js';
import type { CacheHint } from './protocol/types/caching.js';
import { PRIMITIVE_KINDS } from './registry/declared-kinds.js';
import type { McpInstrumentation } from './telemetry/instrumentation.js';

/** Throws `McpConfigurationError` for a value that cannot work, as the option is used beside `all`. */
export type Check = (value: never, option: string, all: McpModuleOptions) => void;

export function fail(option: string, problem: string): never {
  throw new McpConfigurationError(`McpModule option ${option} ${problem}`);
}

export function integer(minimum: number, maximum?: number) {
  return (value: number, option: string): void => {
    if (Number.isSafeInteger(value) && value >= minimum && value <= (maximum ?? value)) return;
    const range = maximum === undefined ? `of ${minimum} or more` : `from ${minimum} to ${maximum}`;
    fail(option, `must be an integer ${range}, not ${value}`);
  };
}

export const limit = integer(1);

export function delay(minimum: number) {
  return integer(minimum, MAX_DELAY_MS);
}

export function pageSize(value: number, option: string): void {
  if (value !== Infinity) limit(value, option);
}

export function ofType(type: 'string' | 'boolean' | 'function') {
  return (value: unknown, option: string): void => {
    if (typeof value !== type) fail(option, `must be a ${type}`);
  };
}

export function oneOf(...values: [string, string]) {
  return (value: string, option: string): void => {
    if (!values.includes(value)) fail(option, `must be "${values.join('" or "')}"`);
  };
}

export function name(value: unknown, option: string): void {
  if (typeof value !== 'string' || value === '') fail(option, 'must be a string with content');
}

export function logger(value: LoggerService | null, option: string): void {
  if (typeof value?.error !== 'function') fail(option, 'must have the methods of a Nest LoggerService');
}

export function instrumentation(value: McpInstrumentation | null, option: string): void {
  if (typeof value?.answer !== 'function') {
    fail(option, 'must be an McpInstrumentation, such as openTelemetry() of nestjs-mcp-adapters/otel');
  }
}

export function serverInfo(value: unknown, option: string): void {
  if (!isImplementation(value)) fail(option, 'must have a name and a version, both strings');
}

export function path(value: unknown, option: string): void {
  if (typeof value === 'string' && /^\/[^\s?#]*$/.test(value)) return;
  fail(option, `must start with "/", as in "/mcp", not "${String(value)}"`);
}

export function mount(value: string, option: string, all: McpModuleOptions): void {
  oneOf('route', 'direct')(value, option);
  if (value === 'direct' && /[*+(){}]/.test(all.path ?? '')) {
    fail(option, `cannot be "direct" for a path with wildcards, such as "${all.path}"`);
  }
}

export function publicUrl(value: string): void {
  checkPublicUrl(value);
}

export function auth(value: NonNullable<McpModuleOptions['auth']>, _: string, all: McpModuleOptions): void {
  checkAuthOptions(value);
  if (value.verifier === undefined || all.principal === undefined) return;
  fail('principal', 'cannot be together with auth.verifier, which says who calls: leave one of them out');
}

export function protocolVersions(value: readonly string[], option: string): void {
  array(value, option);
  const known: readonly string[] = PROTOCOL_VERSIONS;
  const unknown = value.find((version) => !known.includes(version));
  if (unknown === undefined && value.length > 0) return;
  fail(option, `must name at least one of ${known.join(', ')}${unknown ? `, not ${unknown}` : ''}`);
}

export function include(value: readonly unknown[], option: string): void {
  array(value, option);
  if (value.every((module) => typeof module === 'function')) return;
  fail(option, 'must hold module classes (one that is undefined here is imported in a circle)');
}

export function allowedOrigins(value: readonly string[], option: string): void {
  array(value, option);
  const bad = value.find((origin) => origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/]+$/i.test(origin));
  if (bad !== undefined)
    fail(option, `must hold origins such as "https://app.example" (no path), not "${bad}"`);
}

export function allowedHosts(value: readonly string[], option: string): void {
  array(value, option);
  const bad = value.find((host) => typeof host !== 'string' || host === '' || host.includes('/'));
  if (bad !== undefined)
    fail(option, `must hold host names such as "mcp.example" or "localhost:3000", not "${bad}"`);
}

export function requestStateSecret(value: unknown, option: string): void {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (secrets.length > 0 && secrets.every((secret) => typeof secret === 'string' && secret.length >= 32))
    return;
  fail(
    option,
    'must be a string of 32 characters or more (such as what `openssl rand -base64 32` prints), or several in an array',
  );
}

export function capabilities(value: unknown, option: string): void {
  const isKnown = (kind: string) => (PRIMITIVE_KINDS as readonly string[]).includes(kind);
  if (isObject(value) && Object.keys(value).every(isKnown)) return;
  fail(option, `must be an object with some of ${PRIMITIVE_KINDS.join(', ')}, such as { tools: {} }`);
}

export function cacheHints(value: object, option: string): void {
  for (const [list, hint] of Object.entries(value as Readonly<Record<string, CacheHint | undefined>>)) {
    if (hint?.ttlMs !== undefined) integer(0)(hint.ttlMs, `${option}.${list}.ttlMs`);
    if (hint?.cacheScope !== undefined)
      oneOf('public', 'private')(hint.cacheScope, `${option}.${list}.cacheScope`);
  }
}

export function handles(value: unknown, option: string): void {
  integers(value, option, ['ttlMs'], '{ ttlMs: 3600000 }');
}

export function limits(value: unknown, option: string): void {
  integers(value, option, Object.keys(DEFAULT_LIMITS), '{ sessions: 1000 }');
}

function integers(value: unknown, option: string, names: readonly string[], example: string): void {
  if (!isObject(value)) fail(option, `must be an object, such as ${example}`);
  for (const [name, each] of Object.entries(value)) {
    if (!names.includes(name))
      fail(`${option}.${name}`, `is unknown; there ${names.length > 1 ? 'are' : 'is'} ${names.join(', ')}`);
    if (each !== undefined) limit(each as number, `${option}.${name}`);
  }
}

function array(value: unknown, option: string): void {
  if (!Array.isArray(value)) fail(option, 'must be an array');
}
