import { readFileSync } from 'node:fs';
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

function readJson(path: string): Record<string, object> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>;
}

/** Loads only the platform that is asked for. */
async function createApp(options: BenchOptions): Promise<INestApplication> {
  // A file of answers that test/bench/run.mjs has written.
  const bare = process.env['BENCH_ANSWERS'];
  const module = bare === undefined ? await BenchModule.create(options) : createBareModule(readJson(bare));
  if (options.platform === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return NestFactory.create(module, new ExpressAdapter(), { logger: false });
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(module, new FastifyAdapter(), { logger: false });
}
