import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { PrintQueue } from './print-queue.js';
import { ApprovalDto, PrintedDto, PrintReportDto, WriteReportDto } from './reports.dto.js';

@Injectable()
export class ReportTools {
  constructor(private readonly queue: PrintQueue) {}

  /** Takes minutes, asks once, and goes on elsewhere if its process ends. */
  @McpTool({
    description: 'Writes a report, chapter by chapter',
    task: { mode: 'required', restartable: true, ttlMs: 24 * 60 * 60_000, pollIntervalMs: 500 },
  })
  async writeReport({ topic, chapters = 6, chapterMs = 20_000 }: WriteReportDto, ctx: McpContext) {
    const written: string[] = [];
    for (let n = 1; n <= chapters; n++) {
      await ctx.task?.status(`Chapter ${n} of ${chapters}, written by process ${process.pid}`);
      // Run again elsewhere, the handler finds the chapters that were finished. The one in the middle is written again.
      written.push(
        await ctx.once(`chapter ${n}`, () => this.#write(topic, n, chapterMs, ctx), { retry: true }),
      );
      if (n !== 1) continue;
      const { action, content } = await ctx.elicit({
        message: `The first chapter on ${topic} is there. Under which title shall I go on?`,
        schema: ApprovalDto,
      });
      if (action !== 'accept') return 'Stopped after the first chapter';
      written.unshift(`# ${content?.title}`);
    }
    return written.join('\n');
  }

  /** Hands its task over to a queue. */
  @McpTool({
    description: 'Prints a report',
    output: PrintedDto,
    task: { mode: 'required', handOver: true, restartable: true },
  })
  async printReport({ title }: PrintReportDto, ctx: McpContext) {
    const handover = ctx.task?.handOver();
    if (!handover) throw new Error('Without a task there is nothing to hand over');
    // The name of the job is that of the task: the queue takes it once, so that adding it twice does no harm.
    await ctx.once('enqueue', () => this.queue.add(handover.id, title), { retry: true });
    return handover;
  }

  async #write(topic: string, n: number, chapterMs: number, ctx: McpContext): Promise<string> {
    await delay(chapterMs, undefined, { signal: ctx.signal });
    return `${n}. ${topic}, by process ${process.pid}`;
  }
}
