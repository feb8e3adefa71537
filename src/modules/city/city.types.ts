// GraphQL types and inputs of cities.
import { ArgsType, Field, Float, ID, InputType, ObjectType } from '@nestjs/graphql';
import { isISO31661Alpha2 } from 'class-validator';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import { FloatField, TextField } from '../../platform/graphql/input-fields.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { isTimeZone } from './city.rules.js';

@ObjectType({ description: 'A city that places stand in. Its time zone decides which day it is there.' })
export class City {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  @Field(() => String, { description: 'As the landlord who added it wrote it.' })
  name!: string;

  @Field(() => String, { description: 'ISO 3166-1 alpha-2.' })
  country!: string;

  @Field(() => String, { description: "IANA name; a place's dates are dates there." })
  timeZone!: string;

  @Field(() => Float, { nullable: true, description: 'Degrees north, -90 to 90. null where unknown.' })
  latitude!: number | null;

  @Field(() => Float, { nullable: true, description: 'Degrees east, -180 to 180. null where unknown.' })
  longitude!: number | null;
}

@ObjectType({ description: 'A city in a list.' })
export class CityEdge extends EdgeOf(() => City) {}

@ObjectType({ description: 'Cities by name (case and accents ignored), then id.' })
export class CityConnection extends ConnectionOf(
  () => City,
  () => CityEdge,
) {}

@ObjectType({ description: 'Answer about one city.' })
export class CityResponse extends ResponseOf(() => City, 'The city.') {}

@ObjectType({ description: 'Answer with a page of cities.' })
export class CityConnectionResponse extends ResponseOf(() => CityConnection, 'The page.') {}

@ArgsType()
export class GetCitiesArgs extends PageArgs {
  @TextField('Part of the name; case and accents are ignored, nothing is a wildcard.', {
    max: 120,
    min: 0,
    presence: 'optional',
  })
  search?: string;
}

@InputType({ description: 'A city to offer places in.' })
export class AddCityInput {
  @TextField('Its name.', { max: 120 })
  name!: string;

  @TextField('ISO 3166-1 alpha-2, in capitals: VN, DE.', {
    max: 2,
    format: {
      test: (text) => text === text.toUpperCase() && isISO31661Alpha2(text),
      message: 'Must be a country code of ISO 3166-1 alpha-2, such as VN.',
    },
  })
  country!: string;

  @TextField('IANA name: Asia/Ho_Chi_Minh.', {
    max: 64,
    format: { test: isTimeZone, message: 'Must be an IANA time zone, such as Asia/Ho_Chi_Minh.' },
  })
  timeZone!: string;

  @FloatField('Degrees north, with longitude or not at all.', {
    min: -90,
    max: 90,
    presence: 'optional',
    requiredWith: 'longitude',
  })
  latitude?: number;

  @FloatField('Degrees east, with latitude or not at all.', {
    min: -180,
    max: 180,
    presence: 'optional',
    requiredWith: 'latitude',
  })
  longitude?: number;
}
