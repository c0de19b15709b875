import 'reflect-metadata';
import { Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { createPoster, type Poster } from './http.js';
import { watchWire } from './wire.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Set by the second run of those tests that name no platform. */
declare const DEFAULT_PLATFORM: Platform | undefined;
const defaultPlatform: Platform = typeof DEFAULT_PLATFORM === 'undefined' ? 'express' : DEFAULT_PLATFORM;

export interface AppOptions extends ModuleMetadata {
  /** @default 'express', then 'fastify' in a run of its own for tests that name no platform */
  readonly platform?: Platform;
  /** What Fastify is made with: `http2`, `https`. */
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
  /** Whether what is sent is checked against the specification: in both directions, or by the server. @default true */
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
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(fastify);
  const app = module.createNestApplication(adapter as ExpressAdapter, { logger: false, ...nest });
  await configure?.(app);
  if (wire) watchWire(app.getHttpServer(), wire === 'server' ? 'server' : 'both');
  await app.listen(0, address);
  const origin = await app.getUrl();
  const url = origin + path;
  return { app, url, origin, post: createPoster(url), close: () => app.close() };
}
