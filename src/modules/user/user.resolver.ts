// The door to users.
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Public } from '../../platform/graphql/access.js';
import { type Actor, Caller, Viewer } from '../../platform/graphql/actor.js';
import { ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { UserService } from './user.service.js';
import { GetUserArgs, User, UserResponse } from './user.types.js';

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly users: UserService) {}

  @Query(() => UserResponse, {
    description:
      "Who the bearer of this access token is. The front end's first call. Errors: NOT_SIGNED_IN, SESSION_EXPIRED.",
  })
  async verifyUser(@Caller() caller: Actor, @AskedFor() asked: Asked): Promise<Reply<User | Json>> {
    return ok(await this.users.show(caller.id, asked), 'You are signed in.');
  }

  @Public()
  @Query(() => UserResponse, { description: 'One user, for everyone. Errors: INVALID_INPUT, UNKNOWN_USER.' })
  async getUser(@Args() { id }: GetUserArgs, @AskedFor() asked: Asked): Promise<Reply<User | Json>> {
    return ok(await this.users.show(id, asked), 'Here is the user.');
  }

  @ResolveField(() => String, { nullable: true, description: 'null for everyone but the user.' })
  email(@Parent() user: User, @Viewer() viewer: Actor | null): string | null {
    return viewer?.id === user.id ? this.users.emailOf(user) : null;
  }
}
