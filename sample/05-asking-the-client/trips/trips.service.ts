import { Injectable, Logger } from '@nestjs/common';

export interface Seat {
  readonly seat: string;
  readonly price: number;
}

/** Stands for the system that really sells seats. */
@Injectable()
export class TripsService {
  private readonly logger = new Logger('Trips');
  private held = 0;

  hold(destination: string): Seat {
    const seat = `${++this.held}A`;
    this.logger.log(`Seat ${seat} to ${destination} is held`);
    return { seat, price: 20 + destination.length };
  }

  release({ seat }: Seat): void {
    this.logger.log(`Seat ${seat} is free again`);
  }

  book({ seat }: Seat, passenger: string): void {
    this.logger.log(`Seat ${seat} is booked for ${passenger}`);
  }
}
