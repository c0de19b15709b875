import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');

const url = `${await app.getUrl()}/mcp`;
const logger = new Logger('QuickStart');
logger.log(`MCP server at ${url} (Ctrl+C stops it)`);
logger.log('What to do with it: open that address in a browser, or read sample/01-quick-start/README.md');
