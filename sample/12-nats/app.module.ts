import { Module } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import { McpModule } from 'nestjs-mcp-adapters';
import { natsStore } from 'nestjs-mcp-adapters/nats';
import { LabelsController } from './labels/labels.controller.js';
import { LabelsTools } from './labels/labels.tools.js';
import { PaperService } from './labels/paper.service.js';
import { NATS_CONNECTION, NatsModule } from './nats/nats.module.js';

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
  controllers: [LabelsController],
  providers: [LabelsTools, PaperService],
})
export class AppModule {}
