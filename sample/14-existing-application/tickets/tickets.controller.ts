import { Body, Controller, Delete, Get, Param, ParseIntPipe, Post, Query, Req } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { User } from '../common/api-key.guard.js';
import { Roles } from '../common/roles.decorator.js';
import { FindTicketsDto, NewTicketDto } from './tickets.dto.js';
import { TicketsService } from './tickets.service.js';

/** The REST interface that was there before. */
@Controller('tickets')
@ApiSecurity('x-api-key')
export class TicketsController {
  constructor(private readonly tickets: TicketsService) {}

  @Get()
  find(@Query() { text }: FindTicketsDto) {
    return this.tickets.find(text);
  }

  @Post()
  open(@Body() ticket: NewTicketDto, @Req() { user }: { user: User }) {
    return this.tickets.open(ticket, user.sub);
  }

  @Delete(':number')
  @Roles(['agent'])
  close(@Param('number', ParseIntPipe) number: number) {
    return this.tickets.close(number);
  }
}
