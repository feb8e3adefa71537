// The door to bookings.
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OnlyFor } from '../../platform/graphql/access.js';
import { type Actor, Caller, Role } from '../../platform/graphql/actor.js';
import type { Connection } from '../../platform/graphql/connection.types.js';
import { readInput } from '../../platform/graphql/input.pipe.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { PlaceService } from '../place/place.service.js';
import { Place } from '../place/place.types.js';
import { UserService } from '../user/user.service.js';
import { User } from '../user/user.types.js';
import { BookingService } from './booking.service.js';
import {
  ActivateArgs,
  Booking,
  BookingArgs,
  BookingConnectionResponse,
  BookingResponse,
  BusyArgs,
  CancelArgs,
  CreatePendingBookingInput,
  GetBookingsArgs,
  Stay,
  UpdatePendingBookingInput,
} from './booking.types.js';

@Resolver(() => Booking)
export class BookingResolver {
  constructor(
    private readonly bookings: BookingService,
    private readonly places: PlaceService,
    private readonly users: UserService,
  ) {}

  @Query(() => BookingResponse, {
    description:
      "One booking, for its tenant and the place's owner. Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_BOOKING, NOT_YOURS.",
  })
  async getBooking(
    @Caller() caller: Actor,
    @Args() { id }: BookingArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Booking | Json>> {
    return ok(await this.bookings.show(caller, id, asked), 'Here is the booking.');
  }

  @Query(() => BookingConnectionResponse, {
    description:
      "The caller's own: a tenant's bookings, or the bookings on a landlord's places. Newest first. " +
      "Another landlord's placeId gives an empty page. Errors: NOT_SIGNED_IN, INVALID_INPUT.",
  })
  async getBookings(
    @Caller() caller: Actor,
    @Args() args: GetBookingsArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<Booking | Json>>> {
    return ok(await this.bookings.getPage(caller, args, asked), 'Here are your bookings.');
  }

  @OnlyFor(Role.TENANT)
  @Mutation(() => BookingResponse, {
    description:
      'Asks for a stay; the landlord hears of it. For tenants. Repeating it with the same idempotency key and input ' +
      'answers the first booking again. Errors: NOT_SIGNED_IN, WRONG_ROLE, INVALID_INPUT, UNKNOWN_PLACE, NOT_YOURS, ' +
      'IDEMPOTENCY_MISMATCH, NOT_LISTED, DATES_TAKEN.',
  })
  async createPendingBooking(
    @Caller() caller: Actor,
    @Args('input', { description: 'Where, when and for how many.' }) input: CreatePendingBookingInput,
  ): Promise<Reply<Booking>> {
    return created(
      await this.bookings.createPending(caller, input),
      'Your request is on its way to the landlord.',
    );
  }

  @Mutation(() => BookingResponse, {
    description:
      'Changes a PENDING request, by its tenant; checked and priced anew, and the landlord hears of it. ' +
      'Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, STALE_VERSION, DATES_TAKEN.',
  })
  async updatePendingBooking(
    @Caller() caller: Actor,
    @Args('input', { description: 'What to change.' }) input: UpdatePendingBookingInput,
  ): Promise<Reply<Booking>> {
    return ok(await this.bookings.updatePending(caller, input), 'Your request is changed.');
  }

  @Mutation(() => BookingResponse, {
    description:
      "Accepts a PENDING request, by the place's owner, up to its checkIn day. The loser of two overlapping requests " +
      'stays PENDING. Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, ' +
      'STALE_VERSION, TOO_LATE, DATES_TAKEN.',
  })
  async activatePendingBooking(
    @Caller() caller: Actor,
    @Args() { id, version }: ActivateArgs,
  ): Promise<Reply<Booking>> {
    return ok(
      await this.bookings.transition(caller, 'activatePendingBooking', id, { version }),
      'The booking is active.',
    );
  }

  @Mutation(() => BookingResponse, {
    description:
      'Calls off a PENDING request, by either party. Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_BOOKING, NOT_YOURS, ' +
      'ILLEGAL_TRANSITION.',
  })
  async cancelPendingBooking(
    @Caller() caller: Actor,
    @Args() { id, reason }: CancelArgs,
  ): Promise<Reply<Booking>> {
    return ok(
      await this.bookings.transition(caller, 'cancelPendingBooking', id, { reason }),
      'The request is called off.',
    );
  }

  @Mutation(() => BookingResponse, {
    description:
      'Calls off an ACTIVE booking, by either party; its dates are free again. Errors: NOT_SIGNED_IN, INVALID_INPUT, ' +
      'UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION.',
  })
  async cancelActiveBooking(
    @Caller() caller: Actor,
    @Args() { id, reason }: CancelArgs,
  ): Promise<Reply<Booking>> {
    return ok(
      await this.bookings.transition(caller, 'cancelActiveBooking', id, { reason }),
      'The booking is called off.',
    );
  }

  @Mutation(() => BookingResponse, {
    description:
      "Closes an ACTIVE booking, by the place's owner, from its checkIn day on; the tenant may then review it. " +
      'Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_BOOKING, NOT_YOURS, ILLEGAL_TRANSITION, TOO_EARLY.',
  })
  async completeActiveBooking(@Caller() caller: Actor, @Args() { id }: BookingArgs): Promise<Reply<Booking>> {
    return ok(await this.bookings.transition(caller, 'completeActiveBooking', id), 'The stay is completed.');
  }

  @ResolveField(() => Place, { description: 'Where.' })
  place(@Parent() { placeId }: Booking, @Context() context: RequestContext): Promise<Place> {
    return this.places.byId.loadExisting(context, placeId);
  }

  @ResolveField(() => User, { description: 'Who stays.' })
  tenant(@Parent() { tenantId }: Booking, @Context() context: RequestContext): Promise<User> {
    return this.users.byId.loadExisting(context, tenantId);
  }
}

/** What bookings add to places. */
@Resolver(() => Place)
export class PlaceCalendarResolver {
  constructor(private readonly bookings: BookingService) {}

  @ResolveField(() => [Stay], {
    description:
      'ACTIVE stays that touch [from, to), at most 2 years, for a calendar; no names, no ids. By checkIn. Errors: INVALID_INPUT.',
  })
  async busy(
    @Parent() { id }: Place,
    @Args() args: BusyArgs,
    @Context() context: RequestContext,
  ): Promise<Stay[]> {
    const { from, to } = readInput(BusyArgs, args);
    return (await this.bookings.busy.load(context, { placeId: id, from, to })) ?? [];
  }
}
