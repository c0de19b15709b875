import type { INestApplication } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { McpRoute } from '../../discovery/mcp-route.js';
import { MCP_OPTIONS } from '../../mcp.constants.js';
import type { ResolvedOptions } from '../../mcp-options.js';

/** The path of a server's route in its application, with global prefix and version. */
export function endpointPath(app: INestApplication, name: string | undefined): string {
  const servers = app
    .get(DiscoveryService, { strict: false })
    .getProviders()
    .filter(({ token }) => token === MCP_OPTIONS)
    .map(({ instance, host }) => ({
      name: (instance as ResolvedOptions).name,
      route: host?.getProviderByKey<McpRoute>(McpRoute)?.instance,
    }));
  const [server, ...others] =
    name === undefined ? servers : servers.filter((candidate) => candidate.name === name);
  if (!server || others.length > 0) {
    const names = servers.map((each) => each.name ?? '(without a name)').join(', ') || 'none';
    throw new Error(
      `Option server of createMcpTestClient() has to name one server of the application: ${names}`,
    );
  }
  return server.route?.paths[0] ?? '/mcp';
}
