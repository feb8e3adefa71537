// The envelope that every operation answers in.
import type { Type } from '@nestjs/common';
import { Field, InterfaceType, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { GraphQLScalarType } from 'graphql';
import { ErrorCode, ResponseStatus } from '../errors/app-error.js';

registerEnumType(ResponseStatus, {
  name: 'ResponseStatus',
  description: 'What became of a request. OK and CREATED carry data; every other status has data: null.',
  valuesMap: {
    OK: { description: 'Done.' },
    CREATED: { description: 'A new thing was made.' },
    BAD_REQUEST: { description: 'The input was refused: fieldErrors names every field.' },
    UNAUTHENTICATED: { description: 'Sign in, or trade the refresh token with refreshSession.' },
    FORBIDDEN: { description: 'Signed in, but not the one who may do this.' },
    NOT_FOUND: { description: 'There is no such thing.' },
    CONFLICT: { description: 'The input is fine, but the present state does not allow it: see code.' },
    TOO_MANY_REQUESTS: { description: 'Slow down.' },
    UNAVAILABLE: {
      description:
        'A store that the request needs is down. The outcome may be unknown; trying again with the same idempotency key is safe.',
    },
    INTERNAL: { description: 'A fault of ours. message names the request id to quote to the operator.' },
  },
});

registerEnumType(ErrorCode, {
  name: 'ErrorCode',
  description: 'Why a request was refused, for programs; message says the same for people.',
  valuesMap: {
    INVALID_INPUT: { description: 'BAD_REQUEST. fieldErrors names every bad field.' },
    NOT_SIGNED_IN: { description: 'UNAUTHENTICATED. No access token, or not one of ours.' },
    BAD_CREDENTIALS: { description: 'UNAUTHENTICATED. E-mail and password do not belong together.' },
    SESSION_EXPIRED: {
      description:
        'UNAUTHENTICATED. The access token expired or its session ended; the refresh token is unknown or used.',
    },
    NOT_YOURS: { description: 'FORBIDDEN. It belongs to somebody else.' },
    WRONG_ROLE: { description: 'FORBIDDEN. Only the other role may do this.' },
    UNKNOWN_USER: { description: 'NOT_FOUND.' },
    UNKNOWN_CITY: { description: 'NOT_FOUND.' },
    UNKNOWN_PLACE: { description: 'NOT_FOUND.' },
    UNKNOWN_BOOKING: { description: 'NOT_FOUND.' },
    EMAIL_TAKEN: { description: 'CONFLICT. Somebody signed up with this e-mail address.' },
    CITY_EXISTS: { description: 'CONFLICT. The country has a city of this name; find it with getCities.' },
    PROFILE_EXISTS: { description: 'CONFLICT. One profile per user; change it with updateProfile.' },
    NO_PROFILE: { description: 'NOT_FOUND. Make one with createProfile.' },
    REVIEW_EXISTS: { description: 'CONFLICT. One review per booking.' },
    DATES_TAKEN: { description: 'CONFLICT. An ACTIVE stay at this place overlaps.' },
    ILLEGAL_TRANSITION: { description: 'CONFLICT. The booking is in another status; message names it.' },
    TOO_EARLY: { description: 'CONFLICT. A stay can be completed from its checkIn day on.' },
    TOO_LATE: { description: 'CONFLICT. A stay can be activated up to its checkIn day.' },
    NOT_LISTED: { description: 'CONFLICT. The place takes no new requests.' },
    STALE_VERSION: { description: 'CONFLICT. It was changed since the version given; read it again.' },
    IDEMPOTENCY_MISMATCH: { description: 'CONFLICT. The key was used with other input.' },
    RATE_LIMITED: { description: 'TOO_MANY_REQUESTS.' },
    UNAVAILABLE: { description: 'UNAVAILABLE.' },
    INTERNAL: { description: 'INTERNAL.' },
  },
});

@ObjectType({
  description: 'One input field that was refused.',
})
export class FieldError {
  @Field(() => String, {
    description: 'Dotted; starts inside input, or at the argument: nightlyPrice.amount, amenities.3, first.',
  })
  path!: string;

  @Field(() => String, { description: 'What is wrong, for people.' })
  message!: string;
}

@InterfaceType('Response', { description: 'What every operation answers, besides its data.' })
abstract class Response {
  @Field(() => ResponseStatus, { description: 'What became of the request.' })
  status!: ResponseStatus;

  @Field(() => String, { description: 'The same for people: one plain sentence, fit to show.' })
  message!: string;

  @Field(() => ErrorCode, { nullable: true, description: 'Why it was refused. null on success.' })
  code!: ErrorCode | null;

  @Field(() => [FieldError], {
    nullable: true,
    description: 'Every refused field, only with INVALID_INPUT; null otherwise.',
  })
  fieldErrors!: FieldError[] | null;
}

type DataType = Type<unknown> | typeof String | typeof Boolean | GraphQLScalarType;

/** The envelope around a type: extend it in a class that bears the contract's name. */
export function ResponseOf(
  type: () => DataType | [DataType],
  description: string,
): abstract new () => Response {
  @ObjectType({ isAbstract: true, implements: () => [Response] })
  abstract class Envelope extends Response {
    @Field(type, { nullable: true, description: `${description} null unless status is OK or CREATED.` })
    data!: unknown;
  }
  return Envelope;
}

/** An answer as resolvers return it. */
export interface Reply<Data> {
  status: ResponseStatus;
  message: string;
  code: `${ErrorCode}` | null;
  fieldErrors: readonly FieldError[] | null;
  data: Data;
}

/** The answer OK. */
export function ok<Data>(data: Data, message: string): Reply<Data> {
  return { status: ResponseStatus.OK, message, code: null, fieldErrors: null, data };
}

/** The answer CREATED. */
export function created<Data>(data: Data, message: string): Reply<Data> {
  return { status: ResponseStatus.CREATED, message, code: null, fieldErrors: null, data };
}
