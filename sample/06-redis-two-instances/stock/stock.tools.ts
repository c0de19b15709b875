import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { CountDto, ItemDto, NoteDto, QuantityDto } from './stock.dto.js';

/** The tools know nothing of Redis, nor how many instances there are. */
@Injectable()
export class StockTools {
  @McpTool({ name: 'count_shelves', description: 'Counts what is on the shelves, one after another' })
  async countShelves({ shelves, delayMs }: CountDto, ctx: McpContext) {
    for (let shelf = 1; shelf <= shelves; shelf++) {
      await delay(delayMs, undefined, { signal: ctx.signal });
      await ctx.progress(shelf, shelves);
    }
    return `${shelves} shelves counted`;
  }

  @McpTool({ name: 'note', description: 'Keeps a note for this session' })
  async note({ text }: NoteDto, ctx: McpContext) {
    const notes = (await ctx.session.get<string[]>('notes')) ?? [];
    await ctx.session.set('notes', [...notes, text]);
    return 'noted';
  }

  @McpTool({ name: 'notes', description: 'The notes of this session', annotations: { readOnlyHint: true } })
  async notes(_args: unknown, ctx: McpContext) {
    return ((await ctx.session.get<string[]>('notes')) ?? []).join(', ');
  }

  /** Changes nothing, so the library may run it again elsewhere when the instance that runs it dies. */
  @McpTool({ name: 'price', description: 'What an item costs', annotations: { readOnlyHint: true } })
  async price({ item }: ItemDto, ctx: McpContext) {
    const quantity = await this.askQuantity(item, ctx);
    return `${quantity} ${item}: ${quantity * item.length} euros`;
  }

  /** Is never run twice: who calls it is told when it is lost. */
  @McpTool({ name: 'reorder', description: 'Orders an item from the supplier' })
  async reorder({ item }: ItemDto, ctx: McpContext) {
    const quantity = await this.askQuantity(item, ctx);
    return quantity === 0 ? 'nothing ordered' : `${quantity} ${item} ordered`;
  }

  private async askQuantity(item: string, ctx: McpContext): Promise<number> {
    const answer = await ctx.elicit({ message: `How many of ${item}?`, schema: QuantityDto });
    return answer.action === 'accept' ? answer.content.quantity : 0;
  }
}
