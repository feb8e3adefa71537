// GraphQL types and inputs of bookings.
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import {
  EnumField,
  IdField,
  IntField,
  LocalDateField,
  TextField,
} from '../../platform/graphql/input-fields.js';
import { Money } from '../../platform/graphql/money.types.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar, LocalDateScalar } from '../../platform/graphql/scalars.js';
import type { BookingEntity } from './booking.entity.js';
import { addYears, lengthProblem, nightsBetween } from './booking.rules.js';
import type { Side, Status } from './booking.transitions.js';

export enum BookingStatus {
  PENDING = 'PENDING',
  ACTIVE = 'ACTIVE',
  COMPLETED = 'COMPLETED',
  CANCELLED = 'CANCELLED',
}

registerEnumType(BookingStatus, {
  name: 'BookingStatus',
  description:
    'PENDING becomes ACTIVE or CANCELLED; ACTIVE becomes COMPLETED or CANCELLED; those two never change again.',
  valuesMap: {
    PENDING: { description: 'Asked for. Holds no dates: several may overlap.' },
    ACTIVE: { description: 'Accepted. ACTIVE stays of one place never overlap.' },
    COMPLETED: { description: 'Over; the tenant may review it.' },
    CANCELLED: { description: 'Called off by either party, before or after it was accepted.' },
  },
});

enum CancelledBy {
  TENANT = 'TENANT',
  LANDLORD = 'LANDLORD',
  SYSTEM = 'SYSTEM',
}

registerEnumType(CancelledBy, {
  name: 'Actor',
  description: 'Who did something to a booking.',
  valuesMap: {
    TENANT: { description: "The booking's tenant." },
    LANDLORD: { description: "The place's owner." },
    SYSTEM: { description: 'Roost itself.' },
  },
});

@ObjectType({ description: '[checkIn, checkOut): the day of leaving is free for the next guest.' })
export class Stay {
  @Field(() => LocalDateScalar, { description: 'First night.' })
  checkIn!: string;

  @Field(() => LocalDateScalar, { description: 'Morning of leaving; not a night of the stay.' })
  checkOut!: string;
}

@ObjectType({
  description: "A tenant's request for a stay, and what became of it. Only its two parties see it.",
})
export class Booking {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  placeId!: string;
  tenantId!: string;
  landlordId!: string;

  @Field(() => BookingStatus, { description: 'Where it stands in its lifecycle.' })
  status!: Status;

  @Field(() => LocalDateScalar, { description: 'First night.' })
  checkIn!: string;

  @Field(() => LocalDateScalar, { description: 'Morning of leaving; not a night of the stay.' })
  checkOut!: string;

  @Field(() => Int, { description: '1 to 365.' })
  nights!: number;

  @Field(() => Int, { description: 'How many people, 1 or more.' })
  guests!: number;

  @Field(() => Money, {
    description: 'nights × nightly price when it was last requested; never follows later price changes.',
  })
  total!: Money;

  @Field(() => String, { nullable: true, description: "The tenant's words to the landlord. null: none." })
  note!: string | null;

  @Field(() => Int, { description: 'Raised by every change; give it back to change only what you saw.' })
  version!: number;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was accepted. null: not yet, or never.',
  })
  activatedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'null unless COMPLETED.' })
  completedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'null unless CANCELLED.' })
  cancelledAt!: Date | null;

  @Field(() => CancelledBy, { nullable: true, description: 'null unless CANCELLED.' })
  cancelledBy!: Side | 'SYSTEM' | null;

  @Field(() => String, {
    nullable: true,
    description: 'In the words of whoever cancelled. null: none given.',
  })
  cancellationReason!: string | null;
}

/** A booking as GraphQL shows it. */
export function toBooking({ totalAmount, currency, ...row }: BookingEntity): Booking {
  const nights = nightsBetween(row.checkIn, row.checkOut);
  return { ...row, nights, total: { amount: totalAmount, currency } };
}

@ObjectType({ description: 'A booking in a list.' })
export class BookingEdge extends EdgeOf(() => Booking) {}

@ObjectType({ description: 'Bookings, newest first.' })
export class BookingConnection extends ConnectionOf(
  () => Booking,
  () => BookingEdge,
) {}

@ObjectType({ description: 'Answer about one booking.' })
export class BookingResponse extends ResponseOf(() => Booking, 'The booking.') {}

@ObjectType({ description: 'Answer with a page of bookings.' })
export class BookingConnectionResponse extends ResponseOf(() => BookingConnection, 'The page.') {}

@ArgsType()
export class BookingArgs {
  @IdField("The booking's id.")
  id!: string;
}

@ArgsType()
export class ActivateArgs extends BookingArgs {
  @IntField('The version that you saw; another one: STALE_VERSION, nothing changed.', {
    min: 0,
    max: 2_147_483_647,
    presence: 'optional',
  })
  version?: number;
}

@ArgsType()
export class CancelArgs extends BookingArgs {
  @TextField('Why, for the other party.', { max: 1000, min: 0, presence: 'optional' })
  reason?: string;
}

@ArgsType()
export class GetBookingsArgs extends PageArgs {
  @EnumField('Only those in this status.', () => BookingStatus, { presence: 'optional' })
  status?: BookingStatus;

  @IdField('Only those at this place.', { presence: 'optional' })
  placeId?: string;
}

@ArgsType()
export class BusyArgs {
  @LocalDateField('First day to show.')
  from!: string;

  @LocalDateField('Day after the last one to show; at most 2 years after from.', {
    rule: (to, { from }: BusyArgs) => {
      if (to <= from) return 'Must be after from.';
      return to > addYears(from, 2) ? 'Must be at most 2 years after from.' : null;
    },
  })
  to!: string;
}

@InputType({ description: 'A request for a stay.' })
export class CreatePendingBookingInput {
  @IdField('Where to stay.')
  placeId!: string;

  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  tenantId?: string;

  @LocalDateField("First night: today or later in the place's city, at most 2 years ahead.")
  checkIn!: string;

  @LocalDateField('Morning of leaving: 1 to 365 nights after checkIn.', {
    rule: (checkOut, { checkIn }: CreatePendingBookingInput) => lengthProblem(checkIn, checkOut),
  })
  checkOut!: string;

  @IntField("At most the place's maxGuests.", { min: 1, max: 100 })
  guests!: number;

  @TextField('Words to the landlord.', { max: 1000, min: 0, presence: 'optional' })
  note?: string;

  @TextField('Any string the client makes; the same key from the same tenant returns the same booking.', {
    max: 255,
    min: 1,
    presence: 'optional',
  })
  idempotencyKey?: string;
}

@InputType({
  description: 'Changes to a request. Fields left out stay as they are. The stay is checked and priced anew.',
})
export class UpdatePendingBookingInput {
  @IdField('The booking to change.')
  id!: string;

  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  tenantId?: string;

  @LocalDateField("First night: today or later in the place's city, at most 2 years ahead.", {
    presence: 'patch',
  })
  checkIn?: string;

  @LocalDateField('Morning of leaving: 1 to 365 nights after checkIn.', {
    presence: 'patch',
    rule: (checkOut, { checkIn }: UpdatePendingBookingInput) =>
      typeof checkIn === 'string' ? lengthProblem(checkIn, checkOut) : null,
  })
  checkOut?: string;

  @IntField("At most the place's maxGuests.", { min: 1, max: 100, presence: 'patch' })
  guests?: number;

  @TextField('Words to the landlord; null removes them.', { max: 1000, min: 0, presence: 'clearable' })
  note?: string | null;

  @IntField('The version that you saw; another one: STALE_VERSION, nothing changed.', {
    min: 0,
    max: 2_147_483_647,
    presence: 'optional',
  })
  version?: number;
}
