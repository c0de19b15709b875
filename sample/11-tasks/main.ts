import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['log', 'warn', 'error'] });
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, process.env['HOST'] ?? '127.0.0.1');

new Logger('Reports').log(`MCP server at ${await app.getUrl()}/mcp`);
