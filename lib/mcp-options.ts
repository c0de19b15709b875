import { Logger, type LoggerService } from '@nestjs/common';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { DEFAULT_LIMITS, type McpLimits } from './mcp-limits.js';
import * as check from './mcp-options.check.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import { isObject } from './protocol/json-rpc.js';
import { PROTOCOL_VERSIONS } from './protocol/protocol-version.js';
import { PRIMITIVE_KINDS, type PrimitiveKind } from './registry/declared-kinds.js';

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
  | 'schemaToJson'
  | 'instrumentation';

/** Options that become providers of their own. */
type Seam = 'store' | 'sessionAdapter' | 'clientRequestAdapter' | 'listResolver' | 'notificationBus';

/** The options with every default filled in, known to be usable. */
export type ResolvedOptions = Required<
  Omit<McpModuleOptions, Optional | Seam | 'capabilities' | 'limits'>
> & {
  readonly [K in Optional]: McpModuleOptions[K] | undefined;
} & {
  readonly logger: LoggerService;
  readonly limits: Required<McpLimits>;
  /** The kinds of primitives that are declared in any case. */
  readonly capabilities: readonly PrimitiveKind[];
  /** True if the application has other MCP servers. */
  readonly hasSiblings: boolean;
};

/** Name of a server without `serverInfo`. */
export const UNNAMED = 'mcp-server';

interface OptionRule<T> {
  /** Absent where there is none, or it depends on other options. */
  readonly default?: T;
  readonly check?: check.Check;
}

/** Every option: what it is by default, and what it has to be. */
export const OPTIONS: { readonly [K in keyof McpModuleOptions]-?: OptionRule<McpModuleOptions[K]> } = {
  name: { check: check.name },
  serverInfo: { default: { name: UNNAMED, version: '0.0.0' }, check: check.serverInfo },
  instructions: { check: check.ofType('string') },
  capabilities: { check: check.capabilities },
  path: { default: '/mcp', check: check.path },
  mount: { default: 'route', check: check.mount },
  publicUrl: { check: check.publicUrl },
  publicPath: { check: check.path },
  landingPage: { default: true, check: check.ofType('boolean') },
  auth: { check: check.auth },
  protocolVersions: { default: PROTOCOL_VERSIONS, check: check.protocolVersions },
  include: { check: check.include },
  requestTimeoutMs: { default: 30_000, check: check.delay(1) },
  allowedHosts: { check: check.allowedHosts },
  allowedOrigins: { check: check.allowedOrigins },
  strictAccept: { default: false, check: check.ofType('boolean') },
  keepAliveMs: { default: 15_000, check: check.delay(1) },
  shutdownGraceMs: { default: 5_000, check: check.delay(0) },
  store: {},
  questionTimeoutMs: { default: 30_000, check: check.delay(1) },
  sessionAdapter: {},
  clientRequestAdapter: {},
  notificationBus: {},
  tasks: {},
  limits: { default: DEFAULT_LIMITS, check: check.limits },
  handles: { default: {}, check: check.handles },
  sessionTtlMs: { default: 30 * 60_000, check: check.delay(1) },
  onUnknownSession: { default: 'reject', check: check.oneOf('reject', 'adopt') },
  principal: { check: check.ofType('function') },
  requestStateSecret: { check: check.requestStateSecret },
  parkTimeoutMs: { default: 10 * 60_000, check: check.delay(1) },
  cacheHints: { default: {}, check: check.cacheHints },
  pageSize: { default: Infinity, check: check.pageSize },
  cursorSecret: { check: check.ofType('string') },
  listResolver: {},
  hideDenied: { default: false, check: check.ofType('boolean') },
  openaiOutputTemplate: { default: false, check: check.ofType('boolean') },
  schemaToJson: { check: check.ofType('function') },
  instrumentation: { check: check.instrumentation },
  logger: { check: check.logger },
};

const NAMES = Object.keys(OPTIONS) as (keyof McpModuleOptions)[];

/** Fills in the defaults; throws `McpConfigurationError` naming the first option that cannot work. */
export function resolveOptions(given: McpModuleOptions, hasSiblings: boolean): ResolvedOptions {
  const value: unknown = given;
  if (!isObject(value)) {
    throw new McpConfigurationError(`McpModule options must be an object, not ${typeof value}`);
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) check.fail(unknown, 'is unknown');
  for (const name of NAMES) {
    if (given[name] !== undefined) OPTIONS[name].check?.(given[name] as never, name, given);
  }
  const filled = Object.fromEntries(NAMES.map((name) => [name, given[name] ?? OPTIONS[name].default]));
  const { name, serverInfo, protocolVersions, capabilities = {}, cursorSecret, limits, logger } = given;
  return {
    ...(filled as Omit<ResolvedOptions, 'capabilities' | 'hasSiblings'>),
    protocolVersions: PROTOCOL_VERSIONS.filter((version) => protocolVersions?.includes(version) ?? true),
    capabilities: PRIMITIVE_KINDS.filter((kind) => capabilities[kind]),
    cursorSecret: `${cursorSecret ?? serverInfo?.name ?? ''}\0${name ?? ''}`,
    limits: withDefaults(limits),
    logger: logger ?? new Logger(name === undefined ? 'McpModule' : `McpModule:${name}`),
    hasSiblings,
  };
}

/** A limit that is given as `undefined` has its default, as every option has. */
function withDefaults(given: McpLimits = {}): Required<McpLimits> {
  const isGiven = ([, value]: [string, unknown]) => value !== undefined;
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(Object.entries(given).filter(isGiven)) };
}
