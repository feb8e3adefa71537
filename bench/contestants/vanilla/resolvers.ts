// The resolvers of the template: one repository call for each field that is not a column.
import { NotFoundException, UseGuards } from '@nestjs/common';
import { Args, Float, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Caller } from '../token.js';
import { CurrentUser, GqlAuthGuard } from './auth.js';
import { BookingService, nightsOf } from './booking.service.js';
import { Booking, City, Money, Place, PlaceGroup, Review, User } from './entities.js';
import {
  BookingConnectionResponse,
  BookingResponse,
  CreatePendingBookingInput,
  PlaceConnectionResponse,
  PlaceFilter,
  PlaceResponse,
  ReviewConnection,
} from './types.js';

const FIRST = { type: () => Int, nullable: true, defaultValue: 20 };

function answer<Data>(status: 'OK' | 'CREATED', data: Data) {
  return { status, message: 'Here you are.', code: null, data };
}

function page<Node extends { id: string; createdAt: Date }>(rows: Node[], first: number) {
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  const endCursor =
    last === undefined ? null : Buffer.from(JSON.stringify([last.createdAt, last.id])).toString('base64url');
  return answer('OK', { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor } });
}

@Resolver(() => Place)
export class PlaceResolver {
  constructor(
    @InjectRepository(Place) private readonly places: Repository<Place>,
    @InjectRepository(PlaceGroup) private readonly groups: Repository<PlaceGroup>,
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(City) private readonly cities: Repository<City>,
    @InjectRepository(Review) private readonly reviewsOf: Repository<Review>,
  ) {}

  @Query(() => PlaceResponse)
  async getPlace(@Args('id', { type: () => ID }) id: string) {
    const place = await this.places.findOneBy({ id });
    if (place === null) throw new NotFoundException();
    return answer('OK', place);
  }

  @Query(() => PlaceConnectionResponse)
  async searchPlaces(
    @Args('filter', { nullable: true }) { cityId, guests }: PlaceFilter,
    @Args('first', FIRST) first: number,
  ) {
    const rows = await this.places
      .createQueryBuilder('place')
      .innerJoin(PlaceGroup, 'grouped', 'grouped.id = place.placeCopyId')
      .where('grouped.city_id = :cityId AND place.listed AND place.maxGuests >= :guests', { cityId, guests })
      .orderBy('grouped.created_at', 'DESC')
      .addOrderBy('grouped.id', 'DESC')
      .limit(first + 1)
      .getMany();
    return page(rows, first);
  }

  @ResolveField(() => User)
  owner(@Parent() { ownerId }: Place) {
    return this.users.findOneBy({ id: ownerId });
  }

  @ResolveField(() => City)
  city(@Parent() { cityId }: Place) {
    return this.cities.findOneBy({ id: cityId });
  }

  @ResolveField(() => Money)
  nightlyPrice(@Parent() { nightlyAmount, currency }: Place): Money {
    return { amount: nightlyAmount, currency };
  }

  @ResolveField(() => Int)
  async reviewCount(@Parent() { placeCopyId }: Place) {
    return (await this.groups.findOneByOrFail({ id: placeCopyId })).reviewCount;
  }

  @ResolveField(() => Float, { nullable: true })
  async averageRating(@Parent() { placeCopyId }: Place) {
    const { reviewCount, ratingSum } = await this.groups.findOneByOrFail({ id: placeCopyId });
    return reviewCount === 0 ? null : ratingSum / reviewCount;
  }

  @ResolveField(() => ReviewConnection)
  async reviews(@Parent() { placeCopyId }: Place, @Args('first', FIRST) first: number) {
    const order = { createdAt: 'DESC', id: 'DESC' } as const;
    return { nodes: await this.reviewsOf.find({ where: { placeCopyId }, order, take: first }) };
  }
}

@Resolver(() => Review)
export class ReviewResolver {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  @ResolveField(() => User)
  reviewer(@Parent() { reviewerId }: Review) {
    return this.users.findOneBy({ id: reviewerId });
  }
}

@Resolver(() => Booking)
@UseGuards(GqlAuthGuard)
export class BookingResolver {
  constructor(
    private readonly service: BookingService,
    @InjectRepository(Booking) private readonly bookings: Repository<Booking>,
    @InjectRepository(Place) private readonly places: Repository<Place>,
    @InjectRepository(User) private readonly users: Repository<User>,
  ) {}

  @Query(() => BookingConnectionResponse)
  async getBookings(@CurrentUser() { id, role }: Caller, @Args('first', FIRST) first: number) {
    const where = role === 'LANDLORD' ? { landlordId: id } : { tenantId: id };
    const order = { createdAt: 'DESC', id: 'DESC' } as const;
    return page(await this.bookings.find({ where, order, take: first + 1 }), first);
  }

  @Mutation(() => BookingResponse)
  async createPendingBooking(@CurrentUser() caller: Caller, @Args('input') input: CreatePendingBookingInput) {
    return answer('CREATED', await this.service.createPending(caller, input));
  }

  @Mutation(() => BookingResponse)
  async activatePendingBooking(@CurrentUser() caller: Caller, @Args('id', { type: () => ID }) id: string) {
    return answer('OK', await this.service.transition(caller, id, 'PENDING', 'ACTIVE'));
  }

  @Mutation(() => BookingResponse)
  async cancelActiveBooking(@CurrentUser() caller: Caller, @Args('id', { type: () => ID }) id: string) {
    return answer('OK', await this.service.transition(caller, id, 'ACTIVE', 'CANCELLED'));
  }

  @ResolveField(() => Int)
  nights(@Parent() { checkIn, checkOut }: Booking): number {
    return nightsOf(checkIn, checkOut);
  }

  @ResolveField(() => Money)
  total(@Parent() { totalAmount, currency }: Booking): Money {
    return { amount: totalAmount, currency };
  }

  @ResolveField(() => Place)
  place(@Parent() { placeId }: Booking) {
    return this.places.findOneBy({ id: placeId });
  }

  @ResolveField(() => User)
  tenant(@Parent() { tenantId }: Booking) {
    return this.users.findOneBy({ id: tenantId });
  }
}
