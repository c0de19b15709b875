import type { Server } from 'node:http';
import {
  Inject,
  Injectable,
  Optional,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { ClientRequestAdapter } from './adapters/client-request.adapter.js';
import { NotificationBus } from './adapters/notification-bus.js';
import { SessionAdapter } from './adapters/session.adapter.js';
import { TaskAdapter } from './adapters/task.adapter.js';
import { Store } from './adapters/store.js';
import { startWhileUnavailable } from './adapters/store/retry.js';
import { McpRoute } from './discovery/mcp-route.js';
import { McpExplorer } from './discovery/mcp.explorer.js';
import { MCP_CONTROLLER, MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { assertApart, assertDistinct, assertFeaturesHaveServer, assertIncluded } from './mcp.siblings.js';
import { reportUnexpected } from './calls/failure.js';
import { mountDirectly } from './transports/streamable-http/platform/direct-mount.js';
import { findPlatform, httpPlatform } from './transports/streamable-http/platform/http-platform.js';
import { mount } from './transports/streamable-http/streamable-http.controller.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

/** Ties a server to the application's life: mounts it, fills it, closes it. */
@Injectable()
export class McpLifecycle implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  #endLoad: (() => void) | undefined;
  #isReleased = false;
  /** Serves instead of HTTP. */
  #attached: Pick<StreamableHttpTransport, 'close' | 'stats'> | undefined;

  constructor(
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(MCP_CONTROLLER) controller: Type,
    private readonly discovery: DiscoveryService,
    private readonly host: HttpAdapterHost,
    private readonly route: McpRoute,
    private readonly explorer: McpExplorer,
    private readonly transport: StreamableHttpTransport,
    @Optional() @Inject(SessionAdapter) private readonly sessionAdapter: SessionAdapter | undefined,
    @Optional()
    @Inject(ClientRequestAdapter)
    private readonly clientRequestAdapter: ClientRequestAdapter | undefined,
    private readonly bus: NotificationBus,
    @Optional() @Inject(TaskAdapter) private readonly tasks: TaskAdapter | undefined,
    @Optional() @Inject(Store) private readonly store: Store | undefined,
  ) {
    assertDistinct(options, discovery);
    mount(controller, options.path);
    // Before init hooks run the application has registered its body parser, and ours must come first.
    host.init$?.subscribe(() => this.#installBodyReader());
  }

  async onModuleInit(): Promise<void> {
    assertApart(this.options, this.discovery);
    assertIncluded(this.options, this.discovery);
    assertFeaturesHaveServer(this.discovery);
    await this.explorer.explore();
    // Typed as always there, it is null in an application without HTTP.
    const httpAdapter = this.host.httpAdapter as AbstractHttpAdapter | null | undefined;
    if (httpAdapter) {
      httpPlatform(httpAdapter);
      await this.#start();
    }
    const { instrumentation, name, serverInfo } = this.options;
    this.#endLoad = instrumentation?.load(name ?? serverInfo.name, () => ({
      ...(this.#attached ?? this.transport).stats(),
    }));
    const server = httpAdapter?.getHttpServer() as Server | undefined;
    server?.once?.('listening', () => {
      const address = server.address?.();
      if (address && typeof address === 'object') this.transport.bind(address.address);
    });
    if (server && this.options.mount === 'direct') this.#mountDirectly(server);
  }

  /** Lets another transport serve instead of HTTP: it is closed before the adapters are. */
  attach(transport: Pick<StreamableHttpTransport, 'close' | 'stats'>): void {
    this.#attached = transport;
  }

  async onModuleDestroy(): Promise<void> {
    await this.#close(this.#reportClosing);
  }

  /** The last: servers of one application may share a store. */
  async onApplicationShutdown(): Promise<void> {
    await this.#release(this.#reportClosing);
  }

  /** Reports instead of throwing: NestJS 11 would call no hook after one that fails, and leave the HTTP server open. */
  readonly #reportClosing = (error: unknown, part: object): void => {
    reportUnexpected(error, `Closing ${part.constructor.name}`, this.options.logger);
  };

  /** One after the other. What cannot be closed keeps nothing else from being closed. */
  async #close(onFailure: (error: unknown, part: object) => void): Promise<void> {
    this.#endLoad?.();
    for (const part of [
      this.#attached,
      this.transport,
      this.tasks,
      this.clientRequestAdapter,
      this.sessionAdapter,
      this.bus,
    ]) {
      try {
        await part?.close();
      } catch (error) {
        onFailure(error, part as object);
      }
    }
  }

  async #release(onFailure: (error: unknown, part: object) => void): Promise<void> {
    if (this.#isReleased || !this.store) return;
    this.#isReleased = true;
    try {
      await this.store.release();
    } catch (error) {
      onFailure(error, this.store);
    }
  }

  /** Leaves nothing behind when it fails: an application that did not start may never be closed. */
  async #start(): Promise<void> {
    try {
      await startWhileUnavailable(() => this.transport.start(), this.store?.startTimeoutMs);
    } catch (error) {
      // The reason is the first failure, not what follows from it.
      await this.#close(() => {});
      await this.#release(() => {});
      throw error;
    }
  }

  /** The route stays: it serves what the platform takes for the same path, and what reaches it without the HTTP server. */
  #mountDirectly(server: Server): void {
    const { httpAdapter } = this.host;
    mountDirectly(server, httpPlatform(httpAdapter).listener(httpAdapter), {
      isEndpoint: (path) => this.route.matchesExactly(path),
      handle: (request, response) => this.transport.handleRaw(request, response),
    });
  }

  #installBodyReader(): void {
    const httpAdapter = this.host.httpAdapter as AbstractHttpAdapter | null;
    if (!httpAdapter) return;
    // The error for one that is not known is that of the start, which goes on meanwhile.
    findPlatform(httpAdapter)?.installBodyReader(httpAdapter, {
      bodyBytes: this.options.limits.bodyBytes,
      requestTimeoutMs: this.options.requestTimeoutMs,
      isEndpoint: (path) => this.route.matches(path),
      report: (error) => reportUnexpected(error, 'A hook or parser of the MCP route', this.options.logger),
    });
  }
}
