// GraphQL types and inputs of profiles.
import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { isURL } from 'class-validator';
import { Role } from '../../platform/graphql/actor.js';
import { ConnectionOf, EdgeOf, PageArgs } from '../../platform/graphql/connection.types.js';
import { EnumField, IdField, TextField, TextListField } from '../../platform/graphql/input-fields.js';
import type { Presence } from '../../platform/graphql/input-shape.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar } from '../../platform/graphql/scalars.js';

@ObjectType({ description: 'What a user tells others about themselves. One per user.' })
export class Profile {
  @Field(() => ID, { description: 'Unique; for getting it again.' })
  id!: string;

  ownerId!: string;

  @Field(() => String, { description: 'The name to show.' })
  fullName!: string;

  @Field(() => String, { nullable: true, description: 'A few words, in plain text. null: none.' })
  bio!: string | null;

  @Field(() => String, { nullable: true, description: 'An https address. null: none.' })
  avatarUrl!: string | null;

  @Field(() => [String], { description: 'Languages they speak, in their own words.' })
  languages!: string[];

  /** Opened where it is asked for by somebody who may see it. */
  phoneSealed!: Buffer | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

@ObjectType({ description: 'A profile in a list.' })
export class ProfileEdge extends EdgeOf(() => Profile) {}

@ObjectType({ description: 'Profiles, newest first.' })
export class ProfileConnection extends ConnectionOf(
  () => Profile,
  () => ProfileEdge,
) {}

@ObjectType({ description: 'Answer about one profile.' })
export class ProfileResponse extends ResponseOf(() => Profile, 'The profile.') {}

@ObjectType({ description: 'Answer with a page of profiles.' })
export class ProfileConnectionResponse extends ResponseOf(() => ProfileConnection, 'The page.') {}

@ArgsType()
export class GetProfilesArgs extends PageArgs {
  @EnumField('Only landlords, or only tenants.', () => Role, { presence: 'optional' })
  role?: Role;
}

const fullName = (presence: Presence) => TextField('The name to show.', { max: 120, presence });
const bio = (presence: Presence) => TextField('A few words.', { max: 5000, min: 0, presence });
const avatarUrl = (presence: Presence) =>
  TextField('An https address of a picture.', {
    max: 2000,
    min: 1,
    presence,
    format: {
      test: (text) => isURL(text, { protocols: ['https'], require_protocol: true, require_tld: false }),
      message: 'Must be an https:// address.',
    },
  });
const languages = (presence: Presence) =>
  TextListField('Languages they speak.', { max: 50, maxEach: 60, presence });
const phone = (presence: Presence) =>
  TextField('E.164: +84901234567.', {
    max: 16,
    min: 1,
    presence,
    format: {
      test: (text) => /^\+[1-9]\d{1,14}$/.test(text),
      message: 'Must be a phone number in E.164 form: + and up to 15 digits, such as +84901234567.',
    },
  });

@InputType({ description: 'A new profile.' })
export class CreateProfileInput {
  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  ownerId?: string;

  @fullName('required')
  fullName!: string;

  @bio('optional')
  bio?: string;

  @avatarUrl('optional')
  avatarUrl?: string;

  @languages('optional')
  languages?: string[];

  @phone('optional')
  phone?: string;
}

@InputType({
  description:
    'Changes to a profile. Fields left out stay as they are; null clears bio, avatarUrl and phone.',
})
export class UpdateProfileInput {
  @IdField('Left out: the caller. Anyone else: FORBIDDEN.', { presence: 'optional' })
  ownerId?: string;

  @fullName('patch')
  fullName?: string;

  @bio('clearable')
  bio?: string | null;

  @avatarUrl('clearable')
  avatarUrl?: string | null;

  @languages('patch')
  languages?: string[];

  @phone('clearable')
  phone?: string | null;
}
