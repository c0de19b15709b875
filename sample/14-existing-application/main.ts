import { Logger } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { configure } from './configure.js';

const isFastify = process.env['PLATFORM'] === 'fastify';
const app = await NestFactory.create(AppModule, isFastify ? new FastifyAdapter() : new ExpressAdapter());
configure(app);
await app.listen(app.get(ConfigService).getOrThrow('port'), '127.0.0.1');

const url = await app.getUrl();
const logger = new Logger('HelpDesk');
logger.log(`MCP server at ${url}/api/v1/mcp (Ctrl+C stops it)`);
logger.log(`REST at ${url}/api/v1/tickets, Swagger at ${url}/docs, health at ${url}/health`);
