// GraphQL types and inputs of places.
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import {
  BooleanField,
  IdField,
  IntField,
  LocalDateField,
  NestedField,
  TextField,
  TextListField,
} from '../../platform/graphql/input-fields.js';
import type { Presence } from '../../platform/graphql/input-shape.js';
import { Money, MoneyInput } from '../../platform/graphql/money.types.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar } from '../../platform/graphql/scalars.js';
import type { PlaceRow } from './place.entity.js';

/** Most copies that may share one placeCopyId. */
const MAX_COPIES = 200;

@ObjectType({
  description: 'One rentable unit. Copies are places made together: alike, with a calendar each.',
})
export class Place {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  ownerId!: string;
  cityId!: string;

  @Field(() => ID, { description: 'Shared by all copies made together.' })
  placeCopyId!: string;

  @Field(() => Int, { description: '1..n within placeCopyId.' })
  copyNumber!: number;

  @Field(() => Int, { description: 'How many copies share placeCopyId.' })
  copies!: number;

  @Field(() => String, { description: 'The headline, in plain text.' })
  title!: string;

  @Field(() => String, { description: 'What guests should know, in plain text.' })
  description!: string;

  /** Opened where it is asked for by somebody who may see it. */
  addressSealed!: Buffer;

  @Field(() => Money, { description: 'For one night, whatever the number of guests.' })
  nightlyPrice!: Money;

  @Field(() => Int, { description: '1 to 100.' })
  maxGuests!: number;

  @Field(() => [String], { description: "What it offers, in the landlord's words." })
  amenities!: string[];

  @Field(() => Boolean, {
    description: 'false: not found by searchPlaces and open to no new request; what is booked stays booked.',
  })
  listed!: boolean;

  @Field(() => Int, { description: 'Over all copies.' })
  reviewCount!: number;

  @Field(() => Float, { nullable: true, description: '1..5 over all copies; null without reviews.' })
  averageRating!: number | null;

  @Field(() => Int, {
    description: 'Raised by every change; give it to updatePlace to change only what you saw.',
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

/** A place as GraphQL shows it. */
export function toPlace({ nightlyAmount, currency, reviewCount, ratingSum, ...row }: PlaceRow): Place {
  return {
    ...row,
    nightlyPrice: { amount: nightlyAmount, currency },
    reviewCount,
    averageRating: reviewCount === 0 ? null : ratingSum / reviewCount,
  };
}

@ObjectType({ description: 'A place in a list.' })
export class PlaceEdge extends EdgeOf(() => Place) {}

@ObjectType({ description: 'Places, one for each group of copies, newest group first.' })
export class PlaceConnection extends ConnectionOf(
  () => Place,
  () => PlaceEdge,
) {}

@ObjectType({ description: 'Answer about one place.' })
export class PlaceResponse extends ResponseOf(() => Place, 'The place.') {}

@ObjectType({ description: 'Answer with several copies of a place.' })
export class PlacesResponse extends ResponseOf(() => [Place], 'The copies, by copyNumber.') {}

@ObjectType({ description: 'Answer with a page of places.' })
export class PlaceConnectionResponse extends ResponseOf(() => PlaceConnection, 'The page.') {}

@ArgsType()
export class GetPlaceArgs {
  @IdField("The place's id.")
  id!: string;
}

@ArgsType()
export class GetPlacesArgs {
  @IdField('What the copies share.')
  placeCopyId!: string;
}

@InputType({ description: 'Which places to find; what is left out does not matter.' })
export class PlaceFilter {
  @IdField('In this city.', { presence: 'optional' })
  cityId?: string;

  @IdField("One landlord's; the landlord sees the unlisted ones too.", { presence: 'optional' })
  ownerId?: string;

  @LocalDateField('Only with checkOut: places free of ACTIVE stays for all of it. Past dates are fine.', {
    presence: 'optional',
    requiredWith: 'checkOut',
  })
  checkIn?: string;

  @LocalDateField('Only with checkIn, and after it.', {
    presence: 'optional',
    requiredWith: 'checkIn',
    rule: (checkOut, { checkIn = '' }: PlaceFilter) => (checkOut > checkIn ? null : 'Must be after checkIn.'),
  })
  checkOut?: string;

  @IntField('maxGuests at least this.', { min: 1, max: 100, presence: 'optional' })
  guests?: number;
}

@ArgsType()
export class SearchPlacesArgs extends PageArgs {
  @NestedField('Left out: all listed places.', () => PlaceFilter, { presence: 'optional' })
  filter?: PlaceFilter;
}

const title = (presence: Presence) => TextField('The headline.', { max: 120, presence });
const description = (presence: Presence) => TextField('What guests should know.', { max: 5000, presence });
const address = (presence: Presence) =>
  TextField('Where it is; shown to booked guests only.', { max: 500, presence });
const nightlyPrice = (presence: Presence) => NestedField('For one night.', () => MoneyInput, { presence });
const maxGuests = (presence: Presence) => IntField('Most guests at a time.', { min: 1, max: 100, presence });
const amenities = (presence: Presence) =>
  TextListField('What it offers.', { max: 50, maxEach: 60, presence });

@InputType({ description: 'A new place.' })
export class CreatePlaceInput {
  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  ownerId?: string;

  @IdField('Where it stands; see getCities and addCity.')
  cityId!: string;

  @title('required')
  title!: string;

  @description('required')
  description!: string;

  @address('required')
  address!: string;

  @nightlyPrice('required')
  nightlyPrice!: MoneyInput;

  @maxGuests('required')
  maxGuests!: number;

  @amenities('optional')
  amenities?: string[];

  @IntField('How many alike.', { min: 1, max: MAX_COPIES, presence: 'optional', defaultValue: 1 })
  copies?: number;
}

@InputType({ description: 'Changes to a place. Fields left out stay as they are.' })
export class UpdatePlaceInput {
  @IdField('The place to change.')
  id!: string;

  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  ownerId?: string;

  @title('patch')
  title?: string;

  @description('patch')
  description?: string;

  @address('patch')
  address?: string;

  @nightlyPrice('patch')
  nightlyPrice?: MoneyInput;

  @maxGuests('patch')
  maxGuests?: number;

  @amenities('patch')
  amenities?: string[];

  @BooleanField('false: not found by searchPlaces and open to no new request; what is booked stays booked.', {
    presence: 'patch',
  })
  listed?: boolean;

  @BooleanField(
    "true: the change goes to every copy that shares this place's placeCopyId, in one transaction.",
    {
      presence: 'optional',
      defaultValue: false,
    },
  )
  allCopies?: boolean;

  @IntField("The new number of copies, not below today's; new ones are made like this one.", {
    min: 1,
    max: MAX_COPIES,
    presence: 'patch',
  })
  copies?: number;

  @IntField("The place's version as you saw it; another one: STALE_VERSION, nothing changed.", {
    min: 0,
    max: 2_147_483_647,
    presence: 'optional',
  })
  version?: number;
}
