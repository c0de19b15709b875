import { Injectable } from '@nestjs/common';
import { McpTool, type McpContext } from 'nestjs-mcp-adapters';
import { BookTripDto, ConfirmDto, PassengerDto } from './trips.dto.js';
import { TripsService } from './trips.service.js';

@Injectable()
export class TripsTools {
  constructor(private readonly trips: TripsService) {}

  @McpTool({
    name: 'book_trip',
    description: 'Books a seat, after asking who travels and whether the price is all right',
  })
  async bookTrip({ destination }: BookTripDto, ctx: McpContext): Promise<string> {
    // Where the tool has to run again for each answer, this still happens once.
    const seat = await ctx.once('hold', () => this.trips.hold(destination));
    let isBooked = false;
    try {
      await ctx.progress(1, 3, `seat ${seat.seat} is held`);

      const passenger = await ctx.elicit({ message: `Who travels to ${destination}?`, schema: PassengerDto });
      if (passenger.action !== 'accept') return 'Nothing was booked';
      await ctx.progress(2, 3, 'the passenger is known');

      const { name, place } = passenger.content;
      const message = `Seat ${seat.seat} (${place}) for ${name} costs ${seat.price} euros. Book it?`;
      const answer = await ctx.elicit({ message, schema: ConfirmDto });
      if (answer.action !== 'accept' || !answer.content.confirmed) return 'Nothing was booked';

      this.trips.book(seat, name);
      isBooked = true;
      await ctx.progress(3, 3, 'booked');
      return `Seat ${seat.seat} to ${destination} is booked for ${name}`;
    } finally {
      // Also where the client cannot be asked, does not answer in time or goes away.
      if (!isBooked) this.trips.release(seat);
    }
  }
}
