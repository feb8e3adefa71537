// The door to signing up, in and out.
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { IgnoresToken } from '../../platform/graphql/access.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import { AuthService } from './auth.service.js';
import {
  RefreshTokenArgs,
  type Session,
  SessionResponse,
  SignInInput,
  SignOutResponse,
  SignUpInput,
} from './auth.types.js';

@IgnoresToken()
@Resolver()
export class AuthResolver {
  constructor(private readonly auth: AuthService) {}

  @Mutation(() => SessionResponse, {
    description:
      'Makes a user and signs them in. Errors: INVALID_INPUT, EMAIL_TAKEN. The Authorization header is ignored.',
  })
  async signUp(
    @Args('input', { description: 'Who signs up.' }) input: SignUpInput,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.signUp(input);
    context.actAs(actor);
    return created(session, `Welcome to Roost, ${session.user.displayName}.`);
  }

  @Mutation(() => SessionResponse, {
    description: 'Signs in. Errors: INVALID_INPUT, BAD_CREDENTIALS. The Authorization header is ignored.',
  })
  async signIn(
    @Args('input', { description: 'Who signs in.' }) input: SignInInput,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.signIn(input);
    context.actAs(actor);
    return ok(session, `Welcome back, ${session.user.displayName}.`);
  }

  @Mutation(() => SessionResponse, {
    description:
      'Trades a refresh token for a new session of the same sign-in. Each token works once; a second use ends the ' +
      'session for whoever holds it. Errors: INVALID_INPUT, SESSION_EXPIRED. The Authorization header is ignored.',
  })
  async refreshSession(
    @Args() { refreshToken }: RefreshTokenArgs,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.refresh(refreshToken);
    context.actAs(actor);
    return ok(session, 'Your session goes on.');
  }

  @Mutation(() => SignOutResponse, {
    description:
      'Ends the session that refreshToken belongs to, its access tokens and its live sockets, within a second. ' +
      'A second time is OK too. Errors: INVALID_INPUT, SESSION_EXPIRED (unknown token). The Authorization header is ignored.',
  })
  async signOut(@Args() { refreshToken }: RefreshTokenArgs): Promise<Reply<boolean>> {
    await this.auth.signOut(refreshToken);
    return ok(true, 'You are signed out.');
  }
}
