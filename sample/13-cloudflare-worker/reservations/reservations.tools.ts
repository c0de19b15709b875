import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { ReservationsService } from './reservations.service.js';

const GUESTS = {
  type: 'object',
  properties: { guests: { type: 'integer', minimum: 1, maximum: 12 } },
  required: ['guests'],
} as const;

const SURE = { type: 'object', properties: { sure: { type: 'boolean' } }, required: ['sure'] } as const;

@Injectable()
export class ReservationsTools {
  constructor(private readonly reservations: ReservationsService) {}

  @McpTool({ name: 'reserve', description: 'Reserves a table, after asking', input: GUESTS })
  async reserve({ guests }: { guests: number }, ctx: McpContext) {
    const answer = await ctx.elicit({ message: `A table for ${guests}?`, schema: SURE });
    if (answer.action !== 'accept' || answer.content['sure'] !== true) return 'Nothing was reserved';
    return this.reservations.reserve(guests);
  }

  @McpTool({ name: 'prepare', description: 'Prepares a table, and tells how far it is', input: GUESTS })
  async prepare({ guests }: { guests: number }, ctx: McpContext) {
    for (let ready = 1; ready <= guests; ready++) {
      await delay(100);
      await ctx.progress(ready, guests);
    }
    return `${guests} places are laid`;
  }
}
