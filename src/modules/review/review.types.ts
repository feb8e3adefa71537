// GraphQL types and inputs of reviews.
import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import { IdField, IntField, TextField } from '../../platform/graphql/input-fields.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar } from '../../platform/graphql/scalars.js';

@ObjectType({ description: "A tenant's word on a completed stay. One per booking, never changed." })
export class Review {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  placeId!: string;
  reviewerId!: string;

  @Field(() => Int, { description: '1 to 5, 5 is best.' })
  rating!: number;

  @Field(() => String, { description: "The tenant's words, in plain text." })
  comment!: string;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;
}

@ObjectType({ description: 'A review in a list.' })
export class ReviewEdge extends EdgeOf(() => Review) {}

@ObjectType({ description: 'Reviews, newest first.' })
export class ReviewConnection extends ConnectionOf(
  () => Review,
  () => ReviewEdge,
) {}

@ObjectType({ description: 'Answer about one review.' })
export class ReviewResponse extends ResponseOf(() => Review, 'The review.') {}

@ObjectType({ description: 'Answer with a page of reviews.' })
export class ReviewConnectionResponse extends ResponseOf(() => ReviewConnection, 'The page.') {}

@ArgsType()
export class GetReviewsByPlaceArgs extends PageArgs {
  @IdField('Any copy: reviews belong to all copies together.')
  placeId!: string;
}

@InputType({ description: 'A review of a completed stay.' })
export class CreateReviewInput {
  @IdField("The caller's COMPLETED booking.")
  bookingId!: string;

  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  reviewerId?: string;

  @IntField('5 is best.', { min: 1, max: 5 })
  rating!: number;

  @TextField('What to tell others.', { max: 5000 })
  comment!: string;
}
