import { Logger, type LoggerService } from '@nestjs/common';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { checkOptions } from './mcp-options.check.js';
import { PROTOCOL_VERSIONS } from './protocol/protocol-version.js';

type Optional =
  | 'name'
  | 'instructions'
  | 'publicUrl'
  | 'publicPath'
  | 'auth'
  | 'include'
  | 'allowedHosts'
  | 'allowedOrigins'
  | 'requestStateSecret'
  | 'principal'
  | 'schemaToJson';

/** Options that become providers of their own. */
type Seam = 'sessionAdapter' | 'clientRequestAdapter' | 'listResolver' | 'notificationBus';

/** The options with every default filled in, known to be usable. */
export type ResolvedOptions = Required<Omit<McpModuleOptions, Optional | Seam>> & {
  readonly [K in Optional]: McpModuleOptions[K] | undefined;
} & {
  readonly logger: LoggerService;
  /** Whether the application has other MCP servers. */
  readonly hasSiblings: boolean;
};

/** Fills in the defaults; throws `McpConfigurationError` naming the first option that cannot work. */
export function resolveOptions(given: McpModuleOptions, hasSiblings: boolean): ResolvedOptions {
  checkOptions(given);
  return {
    name: given.name,
    serverInfo: given.serverInfo ?? { name: 'mcp-server', version: '0.0.0' },
    instructions: given.instructions,
    path: given.path ?? '/mcp',
    mount: given.mount ?? 'route',
    publicUrl: given.publicUrl,
    publicPath: given.publicPath,
    auth: given.auth,
    protocolVersions: PROTOCOL_VERSIONS.filter(
      (version) => given.protocolVersions?.includes(version) ?? true,
    ),
    include: given.include,
    maxBodyBytes: given.maxBodyBytes ?? 4 * 1024 * 1024,
    requestTimeoutMs: given.requestTimeoutMs ?? 30_000,
    allowedHosts: given.allowedHosts,
    allowedOrigins: given.allowedOrigins,
    strictAccept: given.strictAccept ?? false,
    keepAliveMs: given.keepAliveMs ?? 15_000,
    shutdownGraceMs: given.shutdownGraceMs ?? 5_000,
    sessionTtlMs: given.sessionTtlMs ?? 30 * 60_000,
    maxSessions: given.maxSessions ?? 10_000,
    maxSessionsPerPrincipal: given.maxSessionsPerPrincipal ?? 1_000,
    maxStreamsPerSession: given.maxStreamsPerSession ?? 32,
    maxBufferedBytesPerStream: given.maxBufferedBytesPerStream ?? 1024 * 1024,
    onUnknownSession: given.onUnknownSession ?? 'reject',
    principal: given.principal,
    requestStateSecret: given.requestStateSecret,
    maxParkedCalls: given.maxParkedCalls ?? 1_000,
    parkTimeoutMs: given.parkTimeoutMs ?? 10 * 60_000,
    maxSubscriptions: given.maxSubscriptions ?? 10_000,
    cacheHints: given.cacheHints ?? {},
    pageSize: given.pageSize ?? Infinity,
    cursorSecret: `${given.cursorSecret ?? given.serverInfo?.name ?? ''}\0${given.name ?? ''}`,
    hideDenied: given.hideDenied ?? false,
    openaiOutputTemplate: given.openaiOutputTemplate ?? false,
    schemaToJson: given.schemaToJson,
    logger: given.logger ?? new Logger(given.name === undefined ? 'McpModule' : `McpModule:${given.name}`),
    hasSiblings,
  };
}
