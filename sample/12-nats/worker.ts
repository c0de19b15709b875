/** The printer: a microservice in a process of its own, which has never heard of MCP. */
import { Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { NATS_CONNECTION, NatsModule } from './nats/nats.module.js';
import { SharedNatsClient, SharedNatsServer } from './nats/shared-nats.js';

@Controller()
class PrinterController {
  #sheets = 100;

  constructor(private readonly nats: SharedNatsClient) {}

  @MessagePattern('printer.print', { queue: 'printers' })
  print(@Payload() { text, copies }: { text: string; copies: number }) {
    this.#sheets -= copies;
    this.nats.emit('labels.paper', this.#sheets);
    return `${copies} labels "${text}" printed`;
  }
}

@Module({ imports: [NatsModule], controllers: [PrinterController] })
class WorkerModule {}

const app = await NestFactory.create(WorkerModule);
app.connectMicroservice({ strategy: new SharedNatsServer(app.get<NatsConnection>(NATS_CONNECTION)) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

new Logger('Printer').log('Printer is ready');
