import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');

const logger = new Logger('Testing');
logger.log(`MCP server at ${await app.getUrl()}/mcp (Ctrl+C stops it)`);
logger.log('How it is tested: sample/09-testing/README.md');
