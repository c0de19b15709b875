import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Booking } from './booking.entity.js';

const ROOMS = [1, 2, 3, 4, 5];

@Injectable()
export class BookingsService {
  constructor(@InjectRepository(Booking) private readonly bookings: Repository<Booking>) {}

  async freeRooms(night: string): Promise<number[]> {
    const taken = await this.bookings.findBy({ night });
    return ROOMS.filter((room) => !taken.some((booking) => booking.room === room));
  }

  /** Returns false if another guest has the room. */
  async book(room: number, night: string, guest: string): Promise<boolean> {
    const query = this.bookings.createQueryBuilder().insert().values({ room, night, guest });
    const { raw } = await query.orIgnore().returning('id').execute();
    return (raw as unknown[]).length > 0;
  }
}
