import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { startAuthorizationServer } from './authorization-server/authorization-server.js';

const port = Number(process.env['PORT'] ?? 3000);
const publicUrl = `http://127.0.0.1:${port}`;
const authorizationServer = await startAuthorizationServer({
  port: Number(process.env['AUTH_PORT'] ?? 4000),
  resource: `${publicUrl}/mcp`,
  scopes: ['notes:read', 'notes:write'],
});

const app = await NestFactory.create(
  AppModule.register({ publicUrl, issuer: authorizationServer.issuer, jwksUrl: authorizationServer.jwksUrl }),
);
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');

const url = `${await app.getUrl()}/mcp`;
const logger = new Logger('OAuthResourceServer');
logger.log(`MCP server at ${url} (Ctrl+C stops it), authorization server at ${authorizationServer.issuer}`);
logger.log(`Try: npx @modelcontextprotocol/inspector, and connect it to ${url}`);
logger.log('More to try: sample/08-oauth-resource-server/README.md');
