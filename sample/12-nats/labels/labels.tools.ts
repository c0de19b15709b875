import { Injectable } from '@nestjs/common';
import { McpContext, McpCtx, McpTool } from 'nestjs-mcp-adapters';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { SharedNatsClient } from '../nats/shared-nats.js';
import { PrintDto, RollDto, SureDto } from './labels.dto.js';
import { PaperService } from './paper.service.js';

@Injectable()
export class LabelsTools {
  constructor(
    private readonly nats: SharedNatsClient,
    private readonly paper: PaperService,
  ) {}

  /** The work is done by a worker in another process; whichever of its queue group is free. */
  @McpTool({ name: 'print', description: 'Prints labels' })
  async print({ text, copies }: PrintDto, ctx: McpContext) {
    const answer = await ctx.elicit({ message: `Print ${copies} labels "${text}"?`, schema: SureDto });
    if (answer.action !== 'accept' || !answer.content.sure) return 'nothing printed';
    const done = await firstValueFrom(this.nats.send<string>('printer.print', { text, copies }));
    const printed = (await ctx.session.get<number>('printed')) ?? 0;
    await ctx.session.set('printed', printed + copies);
    return done;
  }

  /** Takes as long as the printer does: a worker completes the task, over NATS. */
  @McpTool({
    name: 'print_roll',
    description: 'Prints a whole roll of labels',
    task: { mode: 'required', handOver: true },
  })
  async printRoll({ text }: RollDto, ctx: McpContext) {
    const handover = ctx.task?.handOver();
    if (!handover) throw new Error('Without a task there is nothing to hand over');
    await ctx.once('emit', () => lastValueFrom(this.nats.emit('printer.roll', { task: handover.id, text })), {
      retry: true,
    });
    return handover;
  }

  @McpTool({
    name: 'printed',
    description: 'How many labels were printed in this session, and how much paper is left',
    annotations: { readOnlyHint: true },
  })
  async printed(@McpCtx() ctx: McpContext) {
    const printed = (await ctx.session.get<number>('printed')) ?? 0;
    return `${printed} labels, ${this.paper.sheets} sheets left`;
  }
}
