import { Logger, type LoggerService } from '@nestjs/common';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import { PROTOCOL_VERSIONS } from './protocol/protocol-version.js';
import { isImplementation } from './protocol/request-meta.js';

type Optional = 'name' | 'instructions' | 'publicPath' | 'include' | 'allowedHosts' | 'allowedOrigins' | 'schemaToJson';

/** The options with every default filled in, known to be usable. */
export type ResolvedOptions = Required<Omit<McpModuleOptions, Optional>> & {
  readonly [K in Optional]: McpModuleOptions[K] | undefined;
} & {
  readonly logger: LoggerService;
  /** Whether the application has other MCP servers. */
  readonly hasSiblings: boolean;
};

/** Fills in the defaults; throws `McpConfigurationError` naming the first option that cannot work. */
export function resolveOptions(given: McpModuleOptions, hasSiblings: boolean): ResolvedOptions {
  check(given);
  return {
    name: given.name,
    serverInfo: given.serverInfo ?? { name: 'mcp-server', version: '0.0.0' },
    instructions: given.instructions,
    path: given.path ?? '/mcp',
    publicPath: given.publicPath,
    protocolVersions: PROTOCOL_VERSIONS.filter((version) => given.protocolVersions?.includes(version) ?? true),
    include: given.include,
    maxBodyBytes: given.maxBodyBytes ?? 4 * 1024 * 1024,
    allowedHosts: given.allowedHosts,
    allowedOrigins: given.allowedOrigins,
    strictAccept: given.strictAccept ?? false,
    keepAliveMs: given.keepAliveMs ?? 15_000,
    shutdownGraceMs: given.shutdownGraceMs ?? 5_000,
    cacheHints: given.cacheHints ?? {},
    schemaToJson: given.schemaToJson,
    logger: given.logger ?? new Logger(given.name === undefined ? 'McpModule' : `McpModule:${given.name}`),
    hasSiblings,
  };
}

function check(given: McpModuleOptions): void {
  const { serverInfo, protocolVersions, cacheHints = {} } = given;
  if (serverInfo !== undefined && !isImplementation(serverInfo)) {
    fail('serverInfo', 'must have a name and a version, both strings');
  }
  for (const option of ['path', 'publicPath'] as const) {
    const path = given[option];
    if (path !== undefined && !/^\/[^\s?#]*$/.test(path)) fail(option, `must start with "/", as in "/mcp", not "${path}"`);
  }
  const unknown = protocolVersions?.find((version) => !PROTOCOL_VERSIONS.includes(version));
  if (unknown !== undefined || protocolVersions?.length === 0) {
    fail('protocolVersions', `must name at least one of ${PROTOCOL_VERSIONS.join(', ')}${unknown ? `, not ${unknown}` : ''}`);
  }
  for (const option of ['maxBodyBytes', 'keepAliveMs'] as const) checkNumber(option, given[option], 1);
  checkNumber('shutdownGraceMs', given.shutdownGraceMs, 0);
  for (const [list, hint] of Object.entries(cacheHints)) {
    checkNumber(`cacheHints.${list}.ttlMs`, hint?.ttlMs, 0);
    if (!['public', 'private', undefined].includes(hint?.cacheScope)) {
      fail(`cacheHints.${list}.cacheScope`, 'must be "public" or "private"');
    }
  }
  for (const option of ['allowedHosts', 'allowedOrigins', 'include'] as const) {
    if (given[option] !== undefined && !Array.isArray(given[option])) fail(option, 'must be an array');
  }
  const badOrigin = given.allowedOrigins?.find((origin) => origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/]+$/i.test(origin));
  if (badOrigin !== undefined) {
    fail('allowedOrigins', `must hold origins such as "https://app.example" (no path), not "${badOrigin}"`);
  }
  const badHost = given.allowedHosts?.find((host) => host.includes('/'));
  if (badHost !== undefined) {
    fail('allowedHosts', `must hold host names such as "mcp.example" or "localhost:3000", not "${badHost}"`);
  }
}

function checkNumber(option: string, value: number | undefined, minimum: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= minimum)) return;
  fail(option, `must be an integer of ${minimum} or more, not ${value}`);
}

function fail(option: string, problem: string): never {
  throw new McpConfigurationError(`McpModule option ${option} ${problem}`);
}
