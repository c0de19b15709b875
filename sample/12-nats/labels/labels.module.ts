import { Module } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import { McpModule } from 'nestjs-mcp-adapters';
import { natsStore } from 'nestjs-mcp-adapters/nats';
import { NATS_CONNECTION, NatsModule } from '../nats/nats.module.js';
import { LabelsTools } from './labels.tools.js';
import { PaperService } from './paper.service.js';

/** The MCP server and its tools: of the application, and of the worker that completes their tasks. */
@Module({
  imports: [
    NatsModule,
    McpModule.forRootAsync({
      imports: [NatsModule],
      inject: [NATS_CONNECTION],
      useFactory: (connection: NatsConnection) => ({
        serverInfo: { name: 'labels', title: 'Labels', version: '1.0.0' },
        store: natsStore({ connection, migrate: true }),
        // At least 32 characters, the same on every instance.
        requestStateSecret: process.env['REQUEST_STATE_SECRET'] ?? '',
      }),
    }),
  ],
  providers: [LabelsTools, PaperService],
  exports: [McpModule, PaperService],
})
export class LabelsModule {}
