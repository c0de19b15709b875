import type { Provider, Type } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { McpExplorer } from './discovery/mcp.explorer.js';
import { HandlerFactory } from './execution/handler.factory.js';
import { MCP_CONTROLLER, MCP_OPTIONS } from './mcp.constants.js';
import { McpLifecycle } from './mcp.lifecycle.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { MODULE_OPTIONS_TOKEN } from './mcp.module-definition.js';
import { resolveOptions, type ResolvedOptions } from './mcp-options.js';
import { McpRegistry } from './registry/mcp.registry.js';
import { McpServer } from './server/mcp.server.js';
import { httpPlatform } from './transports/streamable-http/http-platform.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

/** The providers of one server. */
export function serverProviders(controller: Type): Provider[] {
  return [
    McpExplorer,
    McpLifecycle,
    McpRegistry,
    HandlerFactory,
    { provide: MCP_CONTROLLER, useValue: controller },
    {
      provide: MCP_OPTIONS,
      useFactory: (given: McpModuleOptions, discovery: DiscoveryService) =>
        resolveOptions(given, countServers(discovery) > 1),
      inject: [MODULE_OPTIONS_TOKEN, DiscoveryService],
    },
    {
      provide: McpServer,
      useFactory: (options: ResolvedOptions, registry: McpRegistry) =>
        new McpServer({
          serverInfo: options.serverInfo,
          instructions: options.instructions,
          versions: options.protocolVersions,
          cacheHints: options.cacheHints,
          logger: options.logger,
          registry,
        }),
      inject: [MCP_OPTIONS, McpRegistry],
    },
    {
      provide: StreamableHttpTransport,
      useFactory: (server: McpServer, options: ResolvedOptions, host: HttpAdapterHost) =>
        new StreamableHttpTransport(server, options, () => httpPlatform(host.httpAdapter)),
      inject: [McpServer, MCP_OPTIONS, HttpAdapterHost],
    },
  ];
}

function countServers(discovery: DiscoveryService): number {
  return discovery.getProviders().filter(({ token }) => token === McpLifecycle).length;
}
