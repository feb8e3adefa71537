// The door to reviews.
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Public } from '../../platform/graphql/access.js';
import { type Actor, Caller } from '../../platform/graphql/actor.js';
import { type Connection, PageArgs } from '../../platform/graphql/connection.types.js';
import { readInput } from '../../platform/graphql/input.pipe.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { Booking } from '../booking/booking.types.js';
import { PlaceService } from '../place/place.service.js';
import { Place } from '../place/place.types.js';
import { UserService } from '../user/user.service.js';
import { User } from '../user/user.types.js';
import { reviewPage, ReviewService } from './review.service.js';
import {
  CreateReviewInput,
  GetReviewsByPlaceArgs,
  Review,
  ReviewConnection,
  ReviewConnectionResponse,
  ReviewResponse,
} from './review.types.js';

@Resolver(() => Review)
export class ReviewResolver {
  constructor(
    private readonly reviews: ReviewService,
    private readonly places: PlaceService,
    private readonly users: UserService,
  ) {}

  @Public()
  @Query(() => ReviewConnectionResponse, {
    description:
      'Reviews of a place and all its copies, newest first, for everyone. Errors: INVALID_INPUT, UNKNOWN_PLACE.',
  })
  async getReviewsByPlace(
    @Args() args: GetReviewsByPlaceArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<Review | Json>>> {
    return ok(await this.reviews.getPage(args, asked), 'Here are the reviews.');
  }

  @Mutation(() => ReviewResponse, {
    description:
      "Reviews the caller's COMPLETED booking, once; the landlord hears of it. Errors: NOT_SIGNED_IN, INVALID_INPUT, " +
      'UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION (not COMPLETED), REVIEW_EXISTS.',
  })
  async createReview(
    @Caller() caller: Actor,
    @Args('input', { description: 'The review.' }) input: CreateReviewInput,
  ): Promise<Reply<Review>> {
    return created(await this.reviews.create(caller, input), 'Thank you for your review.');
  }

  @ResolveField(() => Place, { description: 'The copy that was stayed in.' })
  place(@Parent() { placeId }: Review, @Context() context: RequestContext): Promise<Place> {
    return this.places.byId.loadExisting(context, placeId);
  }

  @ResolveField(() => User, { description: 'The tenant who stayed.' })
  reviewer(@Parent() { reviewerId }: Review, @Context() context: RequestContext): Promise<User> {
    return this.users.byId.loadExisting(context, reviewerId);
  }
}

/** What reviews add to places. */
@Resolver(() => Place)
export class PlaceReviewsResolver {
  constructor(private readonly reviews: ReviewService) {}

  @ResolveField('reviews', () => ReviewConnection, {
    description: 'Newest first, over all copies. Errors: INVALID_INPUT.',
  })
  page(@Parent() { placeCopyId }: Place, @Args() args: PageArgs, @Context() context: RequestContext) {
    return this.reviews.pages.loadExisting(context, reviewPage(placeCopyId, readInput(PageArgs, args)));
  }
}

/** What reviews add to bookings. */
@Resolver(() => Booking)
export class BookingReviewResolver {
  constructor(private readonly reviews: ReviewService) {}

  @ResolveField(() => Review, { nullable: true, description: 'null until the tenant writes one.' })
  async review(@Parent() { id }: Booking, @Context() context: RequestContext): Promise<Review | null> {
    return (await this.reviews.byBooking.load(context, id)) ?? null;
  }
}
