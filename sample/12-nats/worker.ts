/** The printer: a microservice in a process of its own, which completes the tasks that are handed over to it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { McpTasks } from 'nestjs-mcp-adapters';
import { LabelsModule } from './labels/labels.module.js';
import { NATS_CONNECTION } from './nats/nats.module.js';
import { SharedNatsClient, SharedNatsServer } from './nats/shared-nats.js';

const ROLL = 20;

@Controller()
class PrinterController {
  #sheets = 100;

  constructor(
    private readonly nats: SharedNatsClient,
    private readonly tasks: McpTasks,
  ) {}

  @MessagePattern('printer.print', { queue: 'printers' })
  print(@Payload() { text, copies }: { text: string; copies: number }) {
    this.#take(copies);
    return `${copies} labels "${text}" printed`;
  }

  @EventPattern('printer.roll', { queue: 'printers' })
  async printRoll(@Payload() { task, text }: { task: string; text: string }) {
    for (let printed = 0; printed < ROLL; printed += 5) {
      // The client may have cancelled it meanwhile.
      if (!(await this.tasks.status(task, `${printed} of ${ROLL} labels`))) return;
      await delay(100);
      this.#take(5);
    }
    await this.tasks.complete(task, `A roll of labels "${text}" printed`);
  }

  #take(sheets: number): void {
    this.#sheets -= sheets;
    this.nats.emit('labels.paper', this.#sheets);
  }
}

@Module({ imports: [LabelsModule], controllers: [PrinterController] })
class WorkerModule {}

// It has the module of the server, and listens to NATS alone.
const app = await NestFactory.create(WorkerModule);
app.connectMicroservice({ strategy: new SharedNatsServer(app.get<NatsConnection>(NATS_CONNECTION)) });
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.init();

new Logger('Printer').log('Printer is ready');
