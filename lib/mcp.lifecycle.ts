import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit, type Type } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { pathMatcher, routePaths } from './discovery/mcp-route.js';
import { McpExplorer } from './discovery/mcp.explorer.js';
import { MCP_CONTROLLER, MCP_OPTIONS } from './mcp.constants.js';
import type { ResolvedOptions } from './mcp-options.js';
import { httpPlatform } from './transports/streamable-http/http-platform.js';
import { mount } from './transports/streamable-http/streamable-http.controller.js';
import { StreamableHttpTransport } from './transports/streamable-http/streamable-http.transport.js';

/** Ties a server to the application's life: mounts it, fills it, closes it. */
@Injectable()
export class McpLifecycle implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(MCP_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(MCP_CONTROLLER) controller: Type,
    private readonly host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    private readonly explorer: McpExplorer,
    private readonly transport: StreamableHttpTransport,
  ) {
    mount(controller, options.path);
    // Before init hooks run the application has registered its body parser, and ours must come first.
    host.init$?.subscribe(() => this.#installBodyReader());
  }

  async onModuleInit(): Promise<void> {
    await this.explorer.explore();
    const server = this.host.httpAdapter?.getHttpServer() as { once?(event: string, listener: () => void): void; address?(): AddressInfo | string | null } | undefined;
    server?.once?.('listening', () => {
      const address = server.address?.();
      if (address && typeof address === 'object') this.transport.bind(address.address);
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.transport.close();
  }

  #installBodyReader(): void {
    const { httpAdapter } = this.host;
    let isEndpoint: ((path: string) => boolean) | undefined;
    httpPlatform(httpAdapter).installBodyReader(httpAdapter, {
      maxBodyBytes: this.options.maxBodyBytes,
      isEndpoint: (path) => {
        isEndpoint ??= pathMatcher(routePaths(this.options.path, this.moduleRef));
        return isEndpoint(path);
      },
    });
  }
}
