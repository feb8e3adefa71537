// The door to signing up, in and out.
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { IgnoresToken } from '../../platform/graphql/access.js';
import { type Actor, Caller } from '../../platform/graphql/actor.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import { AuthService } from './auth.service.js';
import {
  ChangePasswordInput,
  RefreshTokenArgs,
  type Session,
  SessionResponse,
  SignInInput,
  SignOutResponse,
  SignUpInput,
} from './auth.types.js';

@Resolver()
export class AuthResolver {
  constructor(private readonly auth: AuthService) {}

  @IgnoresToken()
  @Mutation(() => SessionResponse, {
    description:
      'Makes a user and signs them in. Errors: INVALID_INPUT, EMAIL_TAKEN, RATE_LIMITED. The Authorization header is ignored.',
  })
  async signUp(
    @Args('input', { description: 'Who signs up.' }) input: SignUpInput,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.signUp(input, context.address);
    context.actAs(actor);
    return created(session, `Welcome to Roost, ${session.user.displayName}.`);
  }

  @IgnoresToken()
  @Mutation(() => SessionResponse, {
    description:
      'Signs in. Errors: INVALID_INPUT, BAD_CREDENTIALS, RATE_LIMITED. The Authorization header is ignored.',
  })
  async signIn(
    @Args('input', { description: 'Who signs in.' }) input: SignInInput,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.signIn(input, context.address);
    context.actAs(actor);
    return ok(session, `Welcome back, ${session.user.displayName}.`);
  }

  @IgnoresToken()
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

  @IgnoresToken()
  @Mutation(() => SignOutResponse, {
    description:
      'Ends the session that refreshToken belongs to, its access tokens and its live sockets, within a second. ' +
      'A second time is OK too. Errors: INVALID_INPUT, SESSION_EXPIRED (unknown token). The Authorization header is ignored.',
  })
  async signOut(@Args() { refreshToken }: RefreshTokenArgs): Promise<Reply<boolean>> {
    await this.auth.signOut(refreshToken);
    return ok(true, 'You are signed out.');
  }

  @Mutation(() => SignOutResponse, {
    description:
      'Ends every session of the caller, this one included, with their access tokens and live sockets, within a ' +
      'second. Errors: NOT_SIGNED_IN, SESSION_EXPIRED.',
  })
  async signOutEverywhere(@Caller() caller: Actor): Promise<Reply<boolean>> {
    await this.auth.signOutEverywhere(caller);
    return ok(true, 'You are signed out everywhere.');
  }

  @Mutation(() => SessionResponse, {
    description:
      'Changes the password, ends every session of the caller as signOutEverywhere does, and opens a new one. ' +
      'Errors: NOT_SIGNED_IN, SESSION_EXPIRED, INVALID_INPUT, BAD_CREDENTIALS, RATE_LIMITED.',
  })
  async changePassword(
    @Args('input', { description: 'Both passwords.' }) input: ChangePasswordInput,
    @Caller() caller: Actor,
    @Context() context: RequestContext,
  ): Promise<Reply<Session>> {
    const { session, actor } = await this.auth.changePassword(caller, input, context.address);
    context.actAs(actor);
    return ok(session, 'Your password is changed, and you are signed out elsewhere.');
  }
}
