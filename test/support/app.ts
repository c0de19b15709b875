import 'reflect-metadata';
import { getRequestListener } from '@hono/node-server';
import { Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import { createFetchHandler } from 'nestjs-mcp-adapters/fetch';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPoster, type Poster } from './http.js';
import { watchWire } from './wire.js';

export type Platform = 'express' | 'fastify' | 'fetch';

/** Set by the runs after the first: of those tests that name no platform, and of those that a fetch handler passes. */
declare const DEFAULT_PLATFORM: Platform | undefined;
const defaultPlatform: Platform = typeof DEFAULT_PLATFORM === 'undefined' ? 'express' : DEFAULT_PLATFORM;

/** Platforms of tests that name platforms. */
export const PLATFORMS: readonly Platform[] =
  defaultPlatform === 'fetch' ? ['fetch'] : ['express', 'fastify'];

export interface AppOptions extends ModuleMetadata {
  /** @default 'express', then 'fastify' in a run of its own for tests that name no platform, and 'fetch' for many */
  readonly platform?: Platform;
  /** Options of Fastify: `http2`, `https`. */
  readonly fastify?: Record<string, unknown>;
  /** Nest's own application options: `bodyParser`, `rawBody`, `cors`. */
  readonly nest?: Record<string, unknown>;
  /** Overrides of providers, before the module is compiled. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Prefix, versioning, CORS, global guards: whatever a `main.ts` does before it listens. */
  readonly configure?: (app: INestApplication) => void | Promise<void>;
  /** Path of the MCP endpoint. @default '/mcp' */
  readonly path?: string;
  /** Where to listen. @default '127.0.0.1' */
  readonly address?: string;
  /** Check of messages against the specification: in both directions, or those of the server. @default true */
  readonly wire?: boolean | 'server';
}

export interface TestApp {
  readonly app: INestApplication;
  /** URL of the MCP endpoint. */
  readonly url: string;
  readonly origin: string;
  readonly post: Poster;
  close(): Promise<void>;
}

/** Starts an application on a free port. */
export async function startApp(options: AppOptions): Promise<TestApp> {
  const {
    platform = defaultPlatform,
    fastify,
    nest = {},
    override,
    configure,
    path = '/mcp',
    address = '127.0.0.1',
    wire = true,
    ...metadata
  } = options;
  @Module(metadata)
  class AppModule {}

  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await (override?.(builder) ?? builder).compile();
  if (platform === 'fetch') return serveFetch(module, { path, address, wire });
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(fastify);
  const app = module.createNestApplication(adapter as ExpressAdapter, { logger: false, ...nest });
  await configure?.(app);
  if (wire) watchWire(app.getHttpServer(), wire === 'server' ? 'server' : 'both');
  await app.listen(0, address);
  const origin = await app.getUrl();
  const url = origin + path;
  return { app, url, origin, post: createPoster(url), close: () => app.close() };
}

/** Starts an application without HTTP behind a host that speaks the Fetch API. */
async function serveFetch(
  module: TestingModule,
  { path, address, wire }: { path: string; address: string; wire: boolean | 'server' },
): Promise<TestApp> {
  module.useLogger(false);
  await module.init();
  const handle = createFetchHandler(module, {
    clientAddress: (request) => request.headers.get('x-client-address') ?? undefined,
  });
  const listener = getRequestListener(handle, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    request.headers['x-client-address'] = request.socket.remoteAddress;
    void listener(request, response);
  });
  if (wire) watchWire(server, wire === 'server' ? 'server' : 'both');
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port, family } = server.address() as AddressInfo;
  const origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  return {
    app: Object.assign(module as unknown as INestApplication, { getHttpServer: () => server }),
    url: origin + path,
    origin,
    post: createPoster(origin + path),
    close: async () => {
      await module.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
