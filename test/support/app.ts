import 'reflect-metadata';
import { Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { createPoster, type Poster } from './http.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface AppOptions extends ModuleMetadata {
  readonly platform?: Platform;
  /** Nest's own application options: `bodyParser`, `rawBody`, `cors`. */
  readonly nest?: Record<string, unknown>;
  /** Overrides of providers, before the module is compiled. */
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Prefix, versioning, CORS, global guards: whatever a `main.ts` does before it listens. */
  readonly configure?: (app: INestApplication) => void;
  /** Path of the MCP endpoint. @default '/mcp' */
  readonly path?: string;
}

export interface TestApp {
  readonly app: INestApplication;
  /** URL of the MCP endpoint. */
  readonly url: string;
  readonly origin: string;
  readonly post: Poster;
  close(): Promise<void>;
}

/** Starts an application on a free port of 127.0.0.1. */
export async function startApp(options: AppOptions): Promise<TestApp> {
  const { platform = 'express', nest = {}, override = (builder) => builder, configure, path = '/mcp', ...metadata } = options;
  @Module(metadata)
  class AppModule {}

  const module = await override(Test.createTestingModule({ imports: [AppModule] })).compile();
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = module.createNestApplication(adapter as ExpressAdapter, { logger: false, ...nest });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  const url = origin + path;
  return { app, url, origin, post: createPoster(url), close: () => app.close() };
}
