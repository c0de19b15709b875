/**
 * `@rekog/mcp-nest` v2 as its README's quick start sets it up: tools on an `@McpController()`, an `McpStrategy` with the
 * Streamable HTTP transport, connected as a microservice. `--platform fastify` for the adapter that it supports besides.
 * Stateless it answers with JSON by default, to both eras; `--sessions` is its `statefulMode`.
 * Decorators are called as functions, since this file is not compiled.
 */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { McpController, McpStrategy, MCP_STRATEGY, StreamableHttpTransport, Tool } from '@rekog/mcp-nest';
import { announce, options, port, tools } from './tools.mjs';

class BenchController {}

for (const { name, description, input, run } of tools) {
  const descriptor = {
    value: (args, ctx) => run(args, { progress: (update) => ctx.reportProgress(update) }),
    configurable: true,
    enumerable: false,
  };
  Object.defineProperty(BenchController.prototype, name, descriptor);
  Payload()(BenchController.prototype, name, 0);
  Ctx()(BenchController.prototype, name, 1);
  Tool({ name, description, parameters: input })(BenchController.prototype, name, descriptor);
}
McpController()(BenchController);

const mcp = new McpStrategy({
  name: 'bench',
  version: '1.0.0',
  transports: [
    new StreamableHttpTransport({ statefulMode: options.sessions, enableJsonResponse: options.json }),
  ],
});

class AppModule {}
Module({ controllers: [BenchController], providers: [{ provide: MCP_STRATEGY, useValue: mcp }] })(AppModule);

async function createAdapter() {
  if (options.platform === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return new ExpressAdapter();
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

const app = await NestFactory.create(AppModule, await createAdapter(), { logger: false });
mcp.setHttpAdapter(app.getHttpAdapter());
app.connectMicroservice({ strategy: mcp });
await app.startAllMicroservices();
await app.listen(port, '127.0.0.1');
announce(new URL(await app.getUrl()).port);
