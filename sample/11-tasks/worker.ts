/** Prints: a process without HTTP, which completes the tasks that were handed over. */
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { Worker } from 'bullmq';
import { McpTasks } from 'nestjs-mcp-adapters';
import { AppModule } from './app.module.js';
import { PRINTING, redisConnection, type PrintJob } from './reports/print-queue.js';
import { PaperDto, type PrintedDto } from './reports/reports.dto.js';

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const tasks = app.get(McpTasks);

const worker = new Worker<PrintJob>(
  PRINTING,
  async ({ data: { task, title } }) => {
    // The client may have cancelled it meanwhile.
    if (!(await tasks.isOpen(task))) return;
    await tasks.status(task, `The printer has ${title}`);
    const { action, content } = await tasks.elicit(task, {
      key: 'paper',
      message: `Which paper shall ${title} be printed on?`,
      schema: PaperDto,
    });
    if (action !== 'accept' || !content) {
      await tasks.fail(task, 'Nobody said which paper to take');
      return;
    }
    for (let page = 1; page <= 3; page++) {
      await tasks.status(task, `Page ${page} of 3, printed by process ${process.pid}`);
      await delay(200);
    }
    const printed: PrintedDto = { pages: 3, paper: content.paper };
    await tasks.complete(task, printed);
  },
  { connection: redisConnection() },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void worker.close().then(() => app.close()));
}
await worker.waitUntilReady();
console.log('Printer is ready');
