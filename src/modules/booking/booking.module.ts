// Wires bookings.
import { Module } from '@nestjs/common';
import { PlaceModule } from '../place/place.module.js';
import { UserModule } from '../user/user.module.js';
import { BookingRepository } from './booking.repository.js';
import { BookingResolver, PlaceCalendarResolver } from './booking.resolver.js';
import { BookingService } from './booking.service.js';

@Module({
  imports: [PlaceModule, UserModule],
  providers: [BookingRepository, BookingResolver, BookingService, PlaceCalendarResolver],
  exports: [BookingService],
})
export class BookingModule {}
