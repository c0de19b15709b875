import { randomBytes } from 'node:crypto';
import type { Provider, Type } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  adapterProvider,
  seamProvider,
  STORE_ADAPTERS,
  storeProviders,
  type OpenStore,
} from './adapter-providers.js';
import { ClientRequestAdapter } from './adapters/client-request.adapter.js';
import { InProcessNotificationBus } from './adapters/in-memory/in-process-notification-bus.js';
import { MemoryStore } from './adapters/in-memory/memory-store.js';
import { NotificationBus } from './adapters/notification-bus.js';
import { AuthGate } from './auth/auth-gate.js';
import { ResourceAddress } from './auth/resource-address.js';
import { asClientRequestAdapter } from './adapters/plain-client-request-adapter.js';
import { asSessionAdapter } from './adapters/plain-session-adapter.js';
import { SessionAdapter } from './adapters/session.adapter.js';
import type { Store } from './adapters/store.js';
import { TaskAdapter } from './adapters/task.adapter.js';
import { McpRoute } from './discovery/mcp-route.js';
import { McpExplorer } from './discovery/mcp.explorer.js';
import { OverlookedPrimitives } from './discovery/overlooked-primitives.js';
import { McpRegistry } from './discovery/mcp.registry.js';
import { ServedLog } from './discovery/served-log.js';
import { DynamicHandlerFactory, McpDynamicHandlers } from './execution/dynamic-handlers.js';
import { HandlerFactory } from './execution/handler.factory.js';
import { PermissionFactory } from './execution/permission.factory.js';
import { authProviders } from './mcp.auth-providers.js';
import { MCP_CONTROLLER, MCP_OPTIONS } from './mcp.constants.js';
import { McpHealthIndicator } from './mcp-health.indicator.js';
import { McpLifecycle } from './mcp.lifecycle.js';
import type { McpModuleOptions } from './mcp-module-options.interface.js';
import { MODULE_OPTIONS_TOKEN } from './mcp.module-definition.js';
import { resolveOptions, type ResolvedOptions } from './mcp-options.js';
import { McpConfigurationError } from './protocol/configuration.error.js';
import { isModern } from './protocol/protocol-version.js';
import { Catalog } from './registry/catalog.js';
import { McpListResolver } from './registry/mcp-list-resolver.js';
import { FormSchemas } from './asking/form-schemas.js';
import { Handles } from './handles/handles.js';
import { McpServer } from './server/mcp.server.js';
import { Permissions } from './lists/permissions.js';
import { McpTasks } from './tasks/mcp-tasks.js';
import { httpPlatform } from './transports/streamable-http/platform/http-platform.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

/** The providers of one server. */
export function serverProviders(controller: Type, name: string | undefined): Provider[] {
  return [
    McpExplorer,
    OverlookedPrimitives,
    ServedLog,
    McpLifecycle,
    McpHealthIndicator,
    McpRegistry,
    Catalog,
    HandlerFactory,
    PermissionFactory,
    DynamicHandlerFactory,
    McpDynamicHandlers,
    { provide: MCP_CONTROLLER, useValue: controller },
    {
      provide: MCP_OPTIONS,
      useFactory: (given: McpModuleOptions, discovery: DiscoveryService) =>
        resolveOptions(named(given, name), countServers(discovery) > 1),
      inject: [MODULE_OPTIONS_TOKEN, DiscoveryService],
    },
    {
      provide: McpRoute,
      useFactory: ({ path }: ResolvedOptions, moduleRef: ModuleRef, modules: ModulesContainer) =>
        new McpRoute(path, controller, moduleRef, modules),
      inject: [MCP_OPTIONS, ModuleRef, ModulesContainer],
    },
    {
      provide: McpServer,
      useFactory: (
        options: ResolvedOptions,
        registry: Catalog,
        listResolver: McpListResolver | undefined,
        sessionAdapter: SessionAdapter | undefined,
        clientRequestAdapter: ClientRequestAdapter | undefined,
        open: OpenStore | undefined,
        tasks: TaskAdapter | undefined,
      ) =>
        new McpServer({
          serverInfo: options.serverInfo,
          instructions: options.instructions,
          versions: options.protocolVersions,
          cacheHints: options.cacheHints,
          pageSize: options.pageSize,
          cursorSecret: options.cursorSecret,
          listResolver,
          permissions: options.auth && new Permissions(registry, options.auth.listPermittedOnly ?? false),
          announcesTo: ({ name }) => name === 'modern' || sessionAdapter !== undefined,
          logger: options.logger,
          instrumentation: options.instrumentation,
          registry,
          handles: new Handles(
            open?.store ?? storeOfOneProcess([sessionAdapter, clientRequestAdapter]),
            open?.scope ?? '',
            options.limits,
            options.handles,
          ),
          tasks,
        }),
      inject: [
        MCP_OPTIONS,
        Catalog,
        McpListResolver,
        SessionAdapter,
        ClientRequestAdapter,
        { token: STORE_ADAPTERS, optional: true },
        TaskAdapter,
      ],
    },
    ...storeProviders(),
    seamProvider(
      SessionAdapter,
      ({ sessionAdapter }) => sessionAdapter,
      (store) => store?.sessionAdapter,
      asSessionAdapter,
    ),
    seamProvider(
      ClientRequestAdapter,
      ({ clientRequestAdapter }) => clientRequestAdapter,
      (store) => store?.clientRequestAdapter,
      asClientRequestAdapter,
    ),
    seamProvider(
      NotificationBus,
      ({ notificationBus }) => notificationBus,
      (store) => store?.notificationBus ?? new InProcessNotificationBus(),
    ),
    seamProvider(
      TaskAdapter,
      ({ tasks }) => tasks,
      (store) => store?.taskAdapter,
    ),
    {
      provide: McpTasks,
      useFactory: (options: ResolvedOptions, catalog: Catalog, adapter: TaskAdapter | undefined) => {
        const forms = new FormSchemas(options.schemaToJson);
        const { serverInfo } = options;
        return new McpTasks({ adapter, catalog, serverInfo, resolveForm: (form) => forms.get(form) });
      },
      inject: [MCP_OPTIONS, Catalog, TaskAdapter],
    },
    adapterProvider(McpListResolver, ({ listResolver }) => listResolver),
    ...authProviders(),
    {
      provide: StreamableHttpTransport,
      useFactory: (
        server: McpServer,
        options: ResolvedOptions,
        host: HttpAdapterHost,
        sessionAdapter: SessionAdapter | undefined,
        clientRequestAdapter: ClientRequestAdapter | undefined,
        bus: NotificationBus,
        gate: AuthGate | undefined,
        address: ResourceAddress,
        tasks: TaskAdapter | undefined,
      ) =>
        new StreamableHttpTransport(server, options, {
          server: options.name ?? '',
          sessionAdapter,
          clientRequestAdapter,
          bus,
          tasks,
          forms: new FormSchemas(options.schemaToJson),
          authenticator: gate,
          platform: () => httpPlatform(host.httpAdapter),
          urlOf: (exchange) => address.resource(exchange),
          secrets: requestStateSecrets(options, [sessionAdapter, clientRequestAdapter, tasks]),
        }),
      inject: [
        McpServer,
        MCP_OPTIONS,
        HttpAdapterHost,
        SessionAdapter,
        ClientRequestAdapter,
        NotificationBus,
        AuthGate,
        ResourceAddress,
        TaskAdapter,
      ],
    },
  ];
}

/** One for this process alone will do, unless other processes are to read what it sealed. */
function requestStateSecrets(
  { requestStateSecret: given, protocolVersions }: ResolvedOptions,
  adapters: readonly ({ readonly isShared: boolean } | undefined)[],
): readonly string[] {
  if (given !== undefined) return typeof given === 'string' ? [given] : given;
  if (adapters.some((adapter) => adapter?.isShared) && protocolVersions.some(isModern)) {
    throw new McpConfigurationError(
      'McpModule option requestStateSecret is missing: instances that share an adapter need the same secret of 32 ' +
        'characters or more, as a 2026-07-28 client may go on at another instance than it began. An adapter of yours ' +
        'that is not shared says so with `readonly isShared = false`',
    );
  }
  return [randomBytes(32).toString('base64url')];
}

/** Adapters that are shared mean that there may be other instances, which would not see what is kept here. */
function storeOfOneProcess(
  adapters: readonly ({ readonly isShared: boolean } | undefined)[],
): Store | undefined {
  return adapters.some((adapter) => adapter?.isShared) ? undefined : new MemoryStore();
}

function countServers(discovery: DiscoveryService): number {
  return discovery.getProviders().filter(({ token }) => token === McpLifecycle).length;
}

/** Options with the name that `forRootAsync()` was given beside its factory. */
function named(given: McpModuleOptions, name: string | undefined): McpModuleOptions {
  if (name === undefined) return given;
  // A factory may return nothing at all, which is an error of its own.
  const { name: own = name } = (given as McpModuleOptions | undefined) ?? {};
  if (own === name) return { ...given, name };
  throw new McpConfigurationError(
    `McpModule option name: the factory says "${own}", and forRootAsync() "${name}". Say it beside the factory only`,
  );
}
