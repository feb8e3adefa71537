// The public face of reviews.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Database } from '../../platform/database/database.js';
import { AppError } from '../../platform/errors/app-error.js';
import { Events } from '../../platform/events/events.js';
import type { Actor } from '../../platform/graphql/actor.js';
import {
  type Connection,
  newestFirst,
  type PageArgs,
  pageOf,
  toConnection,
} from '../../platform/graphql/connection.types.js';
import { byKey, Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { BookingService } from '../booking/booking.service.js';
import { PlaceService } from '../place/place.service.js';
import { REVIEW_ROWS, type ReviewPage, ReviewRepository } from './review.repository.js';
import type { CreateReviewInput, GetReviewsByPlaceArgs, Review } from './review.types.js';

@Injectable()
export class ReviewService {
  /** Reviews by the id of their booking. */
  readonly byBooking = new Loader<string, Review>(async (ids) =>
    byKey(await this.reviews.findByBookings(ids), 'bookingId'),
  );

  /** Pages of the reviews of groups of copies. */
  readonly pages = new Loader<ReviewPage, Connection<Review>>((wanted) => this.readPages(wanted), pageKey);

  constructor(
    private readonly db: Database,
    private readonly reviews: ReviewRepository,
    private readonly bookings: BookingService,
    private readonly places: PlaceService,
    private readonly events: Events,
  ) {}

  /** @throws AppError UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, REVIEW_EXISTS */
  async create(
    actor: Actor,
    { bookingId, reviewerId = actor.id, rating, comment }: CreateReviewInput,
  ): Promise<Review> {
    const booking = await this.bookings.get(actor, bookingId);
    if (booking.tenantId !== actor.id || reviewerId !== actor.id) {
      throw new AppError('NOT_YOURS', 'Only the tenant who stayed can review a booking.');
    }
    if (booking.status !== 'COMPLETED') {
      throw new AppError(
        'ILLEGAL_TRANSITION',
        `Only a COMPLETED booking can be reviewed; this one is ${booking.status}.`,
      );
    }
    const { placeCopyId, title: placeTitle, id: placeId } = await this.places.get(booking.placeId);
    return this.db.transaction(async (tx) => {
      await this.places.addRating(tx, placeCopyId, rating);
      const review = await this.reviews.insert(tx, {
        id: uuid(),
        bookingId,
        placeId,
        placeCopyId,
        reviewerId,
        rating,
        comment,
      });
      if (review === null) throw new AppError('REVIEW_EXISTS', 'This booking has a review already.');
      await this.events.record(tx, {
        type: 'NEW_REVIEW',
        recipientId: booking.landlordId,
        placeTitle,
        booking,
      });
      return review;
    });
  }

  /** @throws AppError UNKNOWN_PLACE; INVALID_INPUT at after */
  async getPage(
    { placeId, ...args }: GetReviewsByPlaceArgs,
    asked: Asked,
  ): Promise<Connection<Review | Json>> {
    const as: Projection<Review | Json> = asked ?? REVIEW_ROWS;
    const { placeCopyId } = await this.places.get(placeId);
    const wanted = reviewPage(placeCopyId, args);
    return toConnection(await this.reviews.findPage(wanted, as), wanted.page, newestFirst, as.nodeOf);
  }

  private async readPages(wanted: readonly ReviewPage[]): Promise<Map<string, Connection<Review>>> {
    const rows = await this.reviews.findPages(wanted);
    return new Map(
      wanted.map((one, index) => {
        const own = rows.filter((row) => row.index === index + 1);
        return [pageKey(one), toConnection(own, one.page, newestFirst, (row): Review => row)];
      }),
    );
  }
}

/**
 * A page of the reviews of a group of copies.
 * @throws AppError INVALID_INPUT at after
 */
export function reviewPage(placeCopyId: string, args: PageArgs): ReviewPage {
  return { placeCopyId, page: pageOf(`reviews ${placeCopyId}`, args) };
}

function pageKey({ placeCopyId, page: { first, after } }: ReviewPage): string {
  return `${placeCopyId} ${first} ${after?.id ?? ''}`;
}
