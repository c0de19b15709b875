import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Booking } from './booking.entity.js';
import { BookingsService } from './bookings.service.js';
import { HotelTools } from './hotel.tools.js';

@Module({
  imports: [TypeOrmModule.forFeature([Booking])],
  providers: [BookingsService, HotelTools],
})
export class HotelModule {}
