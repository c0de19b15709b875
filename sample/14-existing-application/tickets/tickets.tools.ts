import { Injectable } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { Roles } from '../common/roles.decorator.js';
import { FindTicketsDto, NewTicketDto, TicketNumberDto } from './tickets.dto.js';
import { TicketsService } from './tickets.service.js';

/** The same service, DTOs and guards as the controller's. */
@Injectable()
export class TicketsTools {
  constructor(private readonly tickets: TicketsService) {}

  @McpTool({
    name: 'find_tickets',
    description: 'Find tickets by their title',
    annotations: { readOnlyHint: true },
  })
  @SkipThrottle()
  find({ text }: FindTicketsDto) {
    return { tickets: this.tickets.find(text) };
  }

  @McpTool({ name: 'open_ticket', description: 'Open a ticket for the caller' })
  open(ticket: NewTicketDto, ctx: McpContext) {
    return this.tickets.open(ticket, ctx.principal?.subject ?? 'somebody');
  }

  /** Callers without the role do not see it, as `hideDenied` is set. */
  @McpTool({ name: 'close_ticket', description: 'Close a ticket' })
  @Roles(['agent'])
  close({ number }: TicketNumberDto) {
    return this.tickets.close(number);
  }
}
