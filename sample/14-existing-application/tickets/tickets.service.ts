import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { ClsService } from 'nestjs-cls';
import type { NewTicketDto } from './tickets.dto.js';

export interface Ticket {
  readonly number: number;
  readonly title: string;
  readonly priority: 'normal' | 'urgent';
  readonly openedBy: string;
  readonly state: 'open' | 'closed';
  /** Id of the HTTP request that opened it, as it is in the log. */
  readonly requestId: string;
}

/** The tickets, kept in memory. The controller and the tools both use it. */
@Injectable()
export class TicketsService {
  readonly #tickets: Ticket[] = [];

  constructor(private readonly cls: ClsService) {}

  open({ title, priority }: NewTicketDto, openedBy: string): Ticket {
    const ticket: Ticket = {
      number: this.#tickets.length + 1,
      title,
      priority,
      openedBy,
      state: 'open',
      requestId: this.cls.getId(),
    };
    this.#tickets.push(ticket);
    return ticket;
  }

  find(text = ''): Ticket[] {
    return this.#tickets.filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()));
  }

  close(number: number): Ticket {
    const index = this.#tickets.findIndex((ticket) => ticket.number === number);
    const ticket = this.#tickets[index];
    if (!ticket) throw new NotFoundException(`There is no ticket with the number ${number}`);
    if (ticket.state === 'closed') throw new ConflictException(`Ticket ${number} is closed already`);
    const closed: Ticket = { ...ticket, state: 'closed' };
    this.#tickets[index] = closed;
    return closed;
  }
}
