import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createAdapters } from './fixture/adapters.js';
import { EverythingModule } from './fixture/everything.module.js';

const { PORT = '3000', PLATFORM = 'express', STORE } = process.env;

const app = await createApp();
app.enableShutdownHooks();
await app.listen(PORT, '127.0.0.1');
console.log(`listening on ${await app.getUrl()}/mcp`);

/** Loads only the platform that is asked for. */
async function createApp(): Promise<INestApplication> {
  const module = EverythingModule.create(await createAdapters(STORE !== undefined));
  if (PLATFORM === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return NestFactory.create(module, new ExpressAdapter(), { logger: ['warn', 'error'] });
  }
  if (PLATFORM !== 'fastify') throw new Error('PLATFORM is either express or fastify');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(module, new FastifyAdapter(), { logger: ['warn', 'error'] });
}
