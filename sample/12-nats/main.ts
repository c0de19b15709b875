import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import { AppModule } from './app.module.js';
import { NATS_CONNECTION } from './nats/nats.module.js';
import { SharedNatsServer } from './nats/shared-nats.js';

const app = await NestFactory.create(AppModule);
app.connectMicroservice({ strategy: new SharedNatsServer(app.get<NatsConnection>(NATS_CONNECTION)) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.listen(process.env['PORT'] ?? 3000, process.env['HOST'] ?? '127.0.0.1');

new Logger('Labels').log(`MCP server at ${await app.getUrl()}/mcp`);
