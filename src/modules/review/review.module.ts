// Wires reviews.
import { Module } from '@nestjs/common';
import { BookingModule } from '../booking/booking.module.js';
import { PlaceModule } from '../place/place.module.js';
import { UserModule } from '../user/user.module.js';
import { ReviewRepository } from './review.repository.js';
import { BookingReviewResolver, PlaceReviewsResolver, ReviewResolver } from './review.resolver.js';
import { ReviewService } from './review.service.js';

@Module({
  imports: [BookingModule, PlaceModule, UserModule],
  providers: [BookingReviewResolver, PlaceReviewsResolver, ReviewRepository, ReviewResolver, ReviewService],
})
export class ReviewModule {}
