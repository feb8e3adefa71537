// The tables as TypeORM entities with their relations, and as GraphQL types: one class each, as templates have it.
import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** bigint comes as text. */
const number = { to: (value: number) => value, from: Number };

@ObjectType()
export class Money {
  @Field(() => Float)
  amount!: number;

  @Field()
  currency!: string;
}

@ObjectType()
@Entity('users')
export class User {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @PrimaryColumn('text')
  role!: string;

  @Field()
  @Column('text', { name: 'display_name' })
  displayName!: string;
}

@ObjectType()
@Entity('city')
export class City {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field()
  @Column('text')
  name!: string;

  @Field()
  @Column('text', { name: 'time_zone' })
  timeZone!: string;
}

@Entity('place_group')
export class PlaceGroup {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('integer', { name: 'review_count' })
  reviewCount!: number;

  @Column('bigint', { name: 'rating_sum', transformer: number })
  ratingSum!: number;
}

@ObjectType()
@Entity('place')
export class Place {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => ID)
  @Column('uuid', { name: 'place_copy_id' })
  placeCopyId!: string;

  @Field(() => Int)
  @Column('integer', { name: 'copy_number' })
  copyNumber!: number;

  @Column('uuid', { name: 'owner_id' })
  ownerId!: string;

  @Column('uuid', { name: 'city_id' })
  cityId!: string;

  @Field()
  @Column('text')
  title!: string;

  @Field()
  @Column('text')
  description!: string;

  @Column('bigint', { name: 'nightly_amount', transformer: number })
  nightlyAmount!: number;

  @Column('char')
  currency!: string;

  @Field(() => Int)
  @Column('integer', { name: 'max_guests' })
  maxGuests!: number;

  @Field()
  @Column('boolean')
  listed!: boolean;

  @Field()
  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

@ObjectType()
@Entity('review')
export class Review {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'place_copy_id' })
  placeCopyId!: string;

  @Column('uuid', { name: 'reviewer_id' })
  reviewerId!: string;

  @Field(() => Int)
  @Column('integer')
  rating!: number;

  @Field()
  @Column('text')
  comment!: string;

  @Field()
  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

@Entity('booking_key')
export class BookingKey {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  status!: string;
}

@ObjectType()
@Entity('booking')
export class Booking {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field()
  @PrimaryColumn('text')
  status!: string;

  @Column('uuid', { name: 'place_id' })
  placeId!: string;

  @Column('uuid', { name: 'landlord_id' })
  landlordId!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Field()
  @Column('date', { name: 'check_in' })
  checkIn!: string;

  @Field()
  @Column('date', { name: 'check_out' })
  checkOut!: string;

  @Field(() => Int)
  @Column('integer')
  guests!: number;

  @Column('bigint', { name: 'total_amount', transformer: number })
  totalAmount!: number;

  @Column('char')
  currency!: string;

  @Field(() => Int)
  @Column('integer', { default: 1 })
  version!: number;

  @Field()
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'activated_at', nullable: true })
  activatedAt!: Date | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt!: Date | null;

  @Column('text', { name: 'cancelled_by', nullable: true })
  cancelledBy!: string | null;
}

@Entity('inbox')
export class Inbox {
  @PrimaryColumn('uuid', { name: 'recipient_id' })
  recipientId!: string;

  @Column('bigint', { name: 'last_sequence', transformer: number })
  lastSequence!: number;
}

@Entity('notification')
export class Notification {
  @PrimaryColumn('uuid', { name: 'recipient_id' })
  recipientId!: string;

  @PrimaryColumn('bigint', { transformer: number })
  sequence!: number;

  @Column('uuid')
  id!: string;

  @Column('text')
  type!: string;

  @Column('text')
  message!: string;

  @Column('uuid', { name: 'booking_id' })
  bookingId!: string;

  @Column('integer', { name: 'booking_version' })
  bookingVersion!: number;

  @Column('uuid', { name: 'place_id' })
  placeId!: string;

  @Column('text', { name: 'booking_status' })
  bookingStatus!: string;

  @Column('date', { name: 'check_in' })
  checkIn!: string;

  @Column('date', { name: 'check_out' })
  checkOut!: string;
}
