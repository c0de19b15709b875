import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';

/** Name of the queue. */
export const PRINTING = 'printing';

/** A report to print, and the task that waits for it. */
export interface PrintJob {
  readonly task: string;
  readonly title: string;
}

/** Connection that BullMQ makes of the URL of Redis. */
export function redisConnection() {
  return { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', maxRetriesPerRequest: null };
}

@Injectable()
export class PrintQueue implements OnApplicationShutdown {
  readonly #queue = new Queue<PrintJob>(PRINTING, { connection: redisConnection() });

  async add(task: string, title: string): Promise<void> {
    const options = { jobId: task, attempts: 5, backoff: 1_000, removeOnComplete: true };
    await this.#queue.add('print', { task, title }, options);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#queue.close();
  }
}
