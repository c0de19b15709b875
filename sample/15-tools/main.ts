import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');

const url = `${await app.getUrl()}/mcp`;
const logger = new Logger('Library');
logger.log(`MCP server at ${url} (Ctrl+C stops it)`);
logger.log(`Try: npx @modelcontextprotocol/inspector --cli ${url} --transport http --method tools/list`);
logger.log('More to try: sample/15-tools/README.md');
