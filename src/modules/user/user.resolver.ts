// The door to users.
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Public } from '../../platform/graphql/access.js';
import { type Actor, Caller, Viewer } from '../../platform/graphql/actor.js';
import { ok, type Reply } from '../../platform/graphql/response.types.js';
import { UserService } from './user.service.js';
import { GetUserArgs, User, UserResponse } from './user.types.js';

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly users: UserService) {}

  @Query(() => UserResponse, {
    description:
      "Who the bearer of this access token is. The front end's first call. Errors: NOT_SIGNED_IN, SESSION_EXPIRED.",
  })
  async verifyUser(@Caller() caller: Actor): Promise<Reply<User>> {
    return ok(await this.users.get(caller.id), 'You are signed in.');
  }

  @Public()
  @Query(() => UserResponse, { description: 'One user, for everyone. Errors: INVALID_INPUT, UNKNOWN_USER.' })
  async getUser(@Args() { id }: GetUserArgs): Promise<Reply<User>> {
    return ok(await this.users.get(id), 'Here is the user.');
  }

  @ResolveField(() => String, { nullable: true, description: 'null for everyone but the user.' })
  email(@Parent() user: User, @Viewer() viewer: Actor | null): string | null {
    return viewer?.id === user.id ? this.users.emailOf(user) : null;
  }
}
