import { Injectable } from '@nestjs/common';
import { McpCtx, McpTasks, McpTool, type McpContext } from 'nestjs-mcp-adapters';

/** Stands for a queue of the application. */
export abstract class Queue {
  abstract add(name: string, job: { readonly task: string | undefined }): void;
}

@Injectable()
export class ReportTools {
  constructor(private readonly queue: Queue) {}

  @McpTool({ name: 'make_report', description: 'A report about this year', task: 'auto' })
  async makeReport(@McpCtx() ctx: McpContext) {
    await ctx.progress(1, 2, 'counting');
    return 'All is well.';
  }

  @McpTool({
    name: 'print_report',
    description: 'A report on paper',
    task: { mode: 'required', handOver: true },
  })
  async printReport(@McpCtx() ctx: McpContext) {
    const handover = ctx.task?.handOver();
    await ctx.once('enqueue', () => this.queue.add('print', { task: handover?.id }));
    return handover;
  }
}

/** Work of a worker of the queue. */
@Injectable()
export class Printer {
  constructor(private readonly tasks: McpTasks) {}

  async print(job: { readonly task: string }) {
    await this.tasks.status(job.task, 'at the printer');
    await this.tasks.complete(job.task, 'It is in the tray.');
  }
}
