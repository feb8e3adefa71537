// The door to notifications.
import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Actor, Caller } from '../../platform/graphql/actor.js';
import type { Connection } from '../../platform/graphql/connection.types.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { BookingService } from '../booking/booking.service.js';
import { Booking } from '../booking/booking.types.js';
import { NotificationService } from './notification.service.js';
import {
  GetNotificationsArgs,
  MarkNotificationsReadArgs,
  MarkReadResponse,
  Notification,
  NotificationConnection,
  NotificationConnectionResponse,
} from './notification.types.js';

@Resolver(() => Notification)
export class NotificationResolver {
  constructor(
    private readonly notifications: NotificationService,
    private readonly bookings: BookingService,
  ) {}

  @Query(() => NotificationConnectionResponse, {
    description: "The caller's own, newest first. Errors: NOT_SIGNED_IN, INVALID_INPUT.",
  })
  async getNotifications(
    @Caller() caller: Actor,
    @Args() args: GetNotificationsArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<Notification | Json>>> {
    return ok(await this.notifications.getPage(caller, args, asked), 'Here are your notifications.');
  }

  @Mutation(() => MarkReadResponse, {
    description:
      "Marks the caller's own read: those with the given ids, or all unread ones. data: how many became read. " +
      'Errors: NOT_SIGNED_IN, INVALID_INPUT.',
  })
  async markNotificationsRead(
    @Caller() caller: Actor,
    @Args() args: MarkNotificationsReadArgs,
  ): Promise<Reply<number>> {
    const count = await this.notifications.markRead(caller, args);
    return ok(count, count === 1 ? '1 notification became read.' : `${count} notifications became read.`);
  }

  @ResolveField(() => Booking, {
    nullable: true,
    description: 'The booking as it is now, not as it was at the event.',
  })
  async booking(
    @Parent() { bookingId }: Notification,
    @Context() context: RequestContext,
  ): Promise<Booking | null> {
    return (await this.bookings.byId.load(context, bookingId)) ?? null;
  }
}

/** What counts over the whole list, not the page. */
@Resolver(() => NotificationConnection)
export class UnreadCountResolver {
  constructor(private readonly notifications: NotificationService) {}

  @ResolveField(() => Int, { description: "How many of all the caller's notifications are not marked read." })
  unreadCount(@Caller() caller: Actor): Promise<number> {
    return this.notifications.countUnread(caller);
  }
}
