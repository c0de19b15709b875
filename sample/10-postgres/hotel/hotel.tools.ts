import { Injectable } from '@nestjs/common';
import { McpContext, McpCtx, McpTool } from 'nestjs-mcp-adapters';
import { BookingsService } from './bookings.service.js';
import { BookDto, GuestDto, NightDto } from './hotel.dto.js';

/** The tools know that there is a database, but not that their sessions are in it. */
@Injectable()
export class HotelTools {
  constructor(private readonly bookings: BookingsService) {}

  @McpTool({
    name: 'free_rooms',
    description: 'The rooms that are free in a night',
    annotations: { readOnlyHint: true },
  })
  async freeRooms({ night }: NightDto) {
    const rooms = await this.bookings.freeRooms(night);
    return rooms.length > 0 ? `rooms ${rooms.join(', ')}` : 'none';
  }

  @McpTool({ name: 'book_room', description: 'Books a room for a night' })
  async bookRoom({ room, night }: BookDto, ctx: McpContext) {
    const answer = await ctx.elicit({ message: `Who stays in room ${room} on ${night}?`, schema: GuestDto });
    if (answer.action !== 'accept') return 'nothing booked';
    const { guest } = answer.content;
    if (!(await this.bookings.book(room, night, guest))) return `room ${room} is taken`;
    const mine = (await ctx.session.get<string[]>('mine')) ?? [];
    await ctx.session.set('mine', [...mine, `room ${room} on ${night}`]);
    return `room ${room} is booked for ${guest}`;
  }

  @McpTool({
    name: 'my_bookings',
    description: 'What was booked in this session',
    annotations: { readOnlyHint: true },
  })
  async myBookings(@McpCtx() ctx: McpContext) {
    return ((await ctx.session.get<string[]>('mine')) ?? []).join(', ');
  }
}
