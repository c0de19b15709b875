import { Injectable } from '@nestjs/common';

/** Keeps the tables of a restaurant: an ordinary provider that knows nothing of MCP. */
@Injectable()
export class ReservationsService {
  reserve(guests: number): string {
    return `A table for ${guests} is reserved`;
  }
}
