// GraphQL types and inputs of signing up, in and out.
import { ArgsType, Field, InputType, ObjectType } from '@nestjs/graphql';
import { isEmail } from 'class-validator';
import { Role } from '../../platform/graphql/actor.js';
import { EnumField, TextField } from '../../platform/graphql/input-fields.js';
import { ResponseOf } from '../../platform/graphql/response.types.js';
import { DateTimeScalar } from '../../platform/graphql/scalars.js';
import { User } from '../user/user.types.js';
import { isCommonPassword } from './common-passwords.js';

@ObjectType({ description: 'What signing in gives.' })
export class Session {
  @Field(() => String, {
    description: "JWT; send as 'Authorization: Bearer …'. Lives 15 minutes unless configured otherwise.",
  })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: 'When the access token ends.' })
  expiresAt!: Date;

  @Field(() => String, {
    description: 'Opaque, single use; trade it with refreshSession. Using it twice ends the whole session.',
  })
  refreshToken!: string;

  @Field(() => User, { description: 'Who is signed in, private fields included.' })
  user!: User;
}

@ObjectType({ description: 'Answer with a session.' })
export class SessionResponse extends ResponseOf(() => Session, 'The session.') {}

@ObjectType({ description: 'Answer of signing out.' })
export class SignOutResponse extends ResponseOf(() => Boolean, 'true: the session has ended.') {}

const EMAIL = {
  max: 254,
  format: {
    test: (text: string) => isEmail(text, { allow_utf8_local_part: false }),
    message: 'Must be an e-mail address.',
  },
};

/** What a new password must be like. */
const NEW_PASSWORD = {
  min: 8,
  max: 128,
  trim: false,
  format: {
    test: (text: string) => !isCommonPassword(text),
    message: 'So many people use this password that it would be guessed at once. Please choose another one.',
  },
};

@InputType({ description: 'A new user.' })
export class SignUpInput {
  @TextField('E-mail address; nobody else sees it. Case does not count.', EMAIL)
  email!: string;

  @TextField('Password; the commonest ones are refused.', NEW_PASSWORD)
  password!: string;

  @EnumField('Landlords offer places, tenants book them.', () => Role)
  role!: Role;

  @TextField('The name that others see.', { max: 120 })
  displayName!: string;
}

@InputType({ description: 'Who signs in.' })
export class SignInInput {
  @TextField('E-mail address. Case does not count.', EMAIL)
  email!: string;

  @TextField('Password.', { max: 128, trim: false })
  password!: string;
}

@InputType({ description: 'One password in the place of another.' })
export class ChangePasswordInput {
  @TextField('The password as it is.', { max: 128, trim: false })
  currentPassword!: string;

  @TextField('The password from now on; the commonest ones are refused.', NEW_PASSWORD)
  newPassword!: string;
}

@ArgsType()
export class RefreshTokenArgs {
  @TextField('As Session.refreshToken gave it.', { max: 512 })
  refreshToken!: string;
}
