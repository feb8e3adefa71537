// GraphQL types of users.
import { ArgsType, Field, ID, ObjectType } from '@nestjs/graphql';
import { Role } from '../../platform/graphql/actor.js';
import { IdField } from '../../platform/graphql/input-fields.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar } from '../../platform/graphql/scalars.js';

@ObjectType({ description: 'A person who signed up.' })
export class User {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  @Field(() => Role, { description: 'What they are here for.' })
  role!: Role;

  @Field(() => String, { description: 'The name that others see.' })
  displayName!: string;

  @Field(() => DateTimeScalar, { description: 'When they signed up.' })
  createdAt!: Date;

  /** Opened where it is asked for by somebody who may see it. */
  emailSealed!: Buffer;
}

@ObjectType({ description: 'Answer about one user.' })
export class UserResponse extends ResponseOf(() => User, 'The user.') {}

@ArgsType()
export class GetUserArgs {
  @IdField("The user's id.")
  id!: string;
}
