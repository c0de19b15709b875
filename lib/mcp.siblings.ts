import type { DiscoveryService } from '@nestjs/core';
import { McpRoute } from './discovery/mcp-route.js';
import { MCP_FEATURE, MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { McpConfigurationError } from './protocol/configuration.error.js';

/**
 * Checks that a server can be told apart from those made before it. To be called before routes are registered, as the
 * platform would complain of a path it knows already in words of its own.
 */
export function assertDistinct(options: ResolvedOptions, discovery: DiscoveryService): void {
  const servers = serversOf(discovery);
  const own = servers.find((server) => server.options === options);
  for (const { options: other, module } of servers) {
    if (other === options) continue;
    // Servers of different classes may have different prefixes, which are not known yet.
    if (module === own?.module && normalize(other.path) === normalize(options.path)) {
      throw samePath(options.path, other, options);
    }
    if (other.name === options.name) {
      throw new McpConfigurationError(
        `McpModule option name: the servers at "${other.path}" and "${options.path}" ` +
          `${options.name === undefined ? 'have no name' : `are both called "${options.name}"`}. Name them differently`,
      );
    }
  }
}

/** Checks the same of the paths that routes have got, with the prefixes of their modules. */
export function assertApart(options: ResolvedOptions, discovery: DiscoveryService): void {
  const routes = serversOf(discovery).map((server) => ({ ...server, paths: server.route?.paths ?? [] }));
  const own = routes.find((server) => server.options === options);
  for (const { options: other, paths } of routes) {
    const shared = other === options ? undefined : own?.paths.find((path) => paths.includes(path));
    if (shared !== undefined) throw samePath(shared, other, options);
  }
}

function samePath(path: string, one: ResolvedOptions, another: ResolvedOptions): McpConfigurationError {
  return new McpConfigurationError(
    `McpModule option path: "${path}" belongs to ${nameOf(one)} and to ${nameOf(another)}. ` +
      'Give one of them another path, or import one and the same forRoot() where it is needed twice',
  );
}

/** Checks that the modules to take primitives from are there. */
export function assertIncluded({ include = [] }: ResolvedOptions, discovery: DiscoveryService): void {
  const present = new Set(discovery.getProviders().map(({ host }) => host?.metatype));
  const missing = include.find((module) => !present.has(module));
  if (!missing) return;
  throw new McpConfigurationError(
    `McpModule option include names ${missing.name}, which is no module of this application. Import it somewhere`,
  );
}

/** Checks that every `forFeature` is for a server that exists. */
export function assertFeaturesHaveServer(discovery: DiscoveryService): void {
  const servers = serversOf(discovery).map(({ options }) => options);
  for (const { token, instance } of discovery.getProviders()) {
    if (token !== MCP_FEATURE) continue;
    const { server } = instance as { readonly server: string | undefined };
    if (servers.some(({ name }) => name === server)) continue;
    const wanted = server === undefined ? 'the server without a name' : `the server "${server}"`;
    throw new McpConfigurationError(
      `McpModule.forFeature() adds to ${wanted}, but there is only ${servers.map(nameOf).join(', ')}`,
    );
  }
}

/** Facts about a server, once its options are resolved. */
interface KnownServer {
  readonly options: ResolvedOptions;
  /** The class that serves it: `McpModule` or one derived from it. */
  readonly module: unknown;
  readonly route: McpRoute | undefined;
}

/** The servers whose options are resolved. */
function serversOf(discovery: DiscoveryService): KnownServer[] {
  return discovery
    .getProviders()
    .filter(
      ({ token, instance }) => token === MCP_OPTIONS && typeof instance === 'object' && instance !== null,
    )
    .map(({ instance, host }) => ({
      options: instance as ResolvedOptions,
      module: host?.metatype,
      route: host?.getProviderByKey<McpRoute>(McpRoute)?.instance,
    }))
    .filter(({ options }) => options.path !== undefined);
}

function nameOf({ name, path }: ResolvedOptions): string {
  return name === undefined ? `the server without a name (${path})` : `the server "${name}"`;
}

function normalize(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '');
}
