import type { DiscoveryService } from '@nestjs/core';
import { MCP_FEATURE, MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { McpConfigurationError } from './protocol/configuration.error.js';

/**
 * Checks that a server can be told apart from those made before it. To be called before routes are registered, as the
 * platform would complain of a path it knows already in words of its own.
 */
export function assertDistinct(options: ResolvedOptions, discovery: DiscoveryService): void {
  for (const other of serversOf(discovery)) {
    if (other === options) continue;
    if (normalize(other.path) === normalize(options.path)) {
      throw new McpConfigurationError(
        `McpModule option path: "${options.path}" belongs to ${nameOf(other)} and to ${nameOf(options)}. ` +
          'Give one of them another path, or import one and the same forRoot() where it is needed twice',
      );
    }
    if (other.name === options.name) {
      throw new McpConfigurationError(
        `McpModule option name: the servers at "${other.path}" and "${options.path}" ` +
          `${options.name === undefined ? 'have no name' : `are both called "${options.name}"`}. Name them differently`,
      );
    }
  }
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
  const servers = serversOf(discovery);
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

/** The options resolved so far. */
function serversOf(discovery: DiscoveryService): ResolvedOptions[] {
  return discovery
    .getProviders()
    .filter(
      ({ token, instance }) => token === MCP_OPTIONS && typeof instance === 'object' && instance !== null,
    )
    .map(({ instance }) => instance as ResolvedOptions)
    .filter(({ path }) => path !== undefined);
}

function nameOf({ name, path }: ResolvedOptions): string {
  return name === undefined ? `the server without a name (${path})` : `the server "${name}"`;
}

function normalize(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '');
}
