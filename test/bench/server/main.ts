import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createBareModule } from './bare.module.js';
import { BenchModule } from './bench.module.js';
import { readOptions, type BenchOptions } from './options.js';

process.env['NODE_ENV'] ??= 'production';

const options = readOptions(process.argv.slice(2), process.env);
const app = await createApp(options);
app.enableShutdownHooks();
await app.listen(options.port, '127.0.0.1');
console.log(`listening on ${await app.getUrl()}/mcp`);

/** Loads only the platform that is asked for. */
async function createApp(options: BenchOptions): Promise<INestApplication> {
  // The answers come from test/bench/run.mjs.
  const bare = process.env['BENCH_ANSWERS'];
  const module = bare === undefined ? BenchModule.create(options) : createBareModule(JSON.parse(bare));
  if (options.platform === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return NestFactory.create(module, new ExpressAdapter(), { logger: false });
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(module, new FastifyAdapter(), { logger: false });
}
