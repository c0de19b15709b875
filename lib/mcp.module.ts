import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type ExistingProvider,
  type ModuleMetadata,
  type NestModule,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ClientRequestAdapter } from './adapters/client-request.adapter.js';
import { NotificationBus } from './adapters/notification-bus.js';
import { SessionAdapter } from './adapters/session.adapter.js';
import { Store } from './adapters/store.js';
import { TaskAdapter } from './adapters/task.adapter.js';
import { TokenVerifier } from './auth/token-verifier.js';
import { McpRoute } from './discovery/mcp-route.js';
import { McpRegistry } from './discovery/mcp.registry.js';
import { McpHealthIndicator } from './mcp-health.indicator.js';
import { getMcpToken } from './mcp-token.js';
import { MCP_FEATURE } from './mcp.constants.js';
import { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass, OPTIONS_TYPE } from './mcp.module-definition.js';
import { serverProviders } from './mcp.providers.js';
import { McpTasks } from './tasks/mcp-tasks.js';
import { createController } from './transports/streamable-http/streamable-http.controller.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

/** Holds the providers of one `forFeature` call. */
@Module({})
class McpFeatureModule {}

/**
 * Adds an MCP server to a Nest application: a route, and behind it every `@McpTool`, `@McpResource`
 * and `@McpPrompt` of the application's providers.
 *
 * Importable in any module. Each `forRoot` or `forRootAsync` is a server of its own.
 *
 * @publicApi
 */
@Module({})
export class McpModule extends ConfigurableModuleClass implements NestModule {
  /** @internal */
  @Optional()
  @Inject(McpRoute)
  readonly route: McpRoute | undefined;

  /** The last that Nest calls before it registers routes. @internal */
  configure(): void {
    this.route?.settle();
  }

  /** A server with the given options; with none it is stateless and serves `/mcp`. */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return asServer(super.forRoot(options), options.name);
  }

  /**
   * A server whose options come from a factory, a class or a provider of the application. `name` may stand beside them, which
   * makes `getMcpToken()` work; a factory that gives one, too, gives the same.
   */
  static override forRootAsync(
    options: typeof ASYNC_OPTIONS_TYPE & { readonly name?: string },
  ): DynamicModule {
    return asServer(super.forRootAsync(options), options.name);
  }

  /**
   * Providers whose primitives belong to the server of that `name` and to no other; without a name to the server
   * that has none. They live in a module of their own, whose `imports` bring what they inject; they are exported, so
   * that the importing module may inject them.
   */
  static forFeature(
    providers: Provider[],
    server?: string,
    { imports = [] }: Pick<ModuleMetadata, 'imports'> = {},
  ): DynamicModule {
    return {
      module: McpFeatureModule,
      imports,
      providers: [...providers, { provide: MCP_FEATURE, useValue: { server } }],
      exports: providers,
    };
  }
}

/** Exports of a server; a named one has them under `getMcpToken()` too. */
const EXPORTED = [
  McpTasks,
  TaskAdapter,
  StreamableHttpTransport,
  McpHealthIndicator,
  McpRegistry,
  SessionAdapter,
  ClientRequestAdapter,
  NotificationBus,
  Store,
  TokenVerifier,
];

function asServer(base: DynamicModule, name: string | undefined): DynamicModule {
  const controller = createController();
  const named = name === undefined ? [] : EXPORTED.map((exported) => alias(exported, name));
  return {
    ...base,
    imports: [...(base.imports ?? []), DiscoveryModule],
    controllers: [controller],
    providers: [...(base.providers ?? []), ...serverProviders(controller, name), ...named],
    exports: [...EXPORTED, ...named.map(({ provide }) => provide)],
  };
}

function alias(exported: (typeof EXPORTED)[number], name: string): ExistingProvider {
  return { provide: getMcpToken(exported, name), useExisting: exported };
}
