// The door to profiles.
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Public } from '../../platform/graphql/access.js';
import { type Actor, Caller, Viewer } from '../../platform/graphql/actor.js';
import type { Connection } from '../../platform/graphql/connection.types.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { UserService } from '../user/user.service.js';
import { User } from '../user/user.types.js';
import { ProfileService } from './profile.service.js';
import {
  CreateProfileInput,
  GetProfilesArgs,
  Profile,
  ProfileConnectionResponse,
  ProfileResponse,
  UpdateProfileInput,
} from './profile.types.js';

@Resolver(() => Profile)
export class ProfileResolver {
  constructor(
    private readonly profiles: ProfileService,
    private readonly users: UserService,
  ) {}

  @Public()
  @Query(() => ProfileConnectionResponse, {
    description: 'Profiles, newest first, for everyone. Errors: INVALID_INPUT.',
  })
  async getProfiles(
    @Args() args: GetProfilesArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<Profile | Json>>> {
    return ok(await this.profiles.getPage(args, asked), 'Here are the profiles.');
  }

  @Mutation(() => ProfileResponse, {
    description:
      "Makes the caller's profile. Errors: NOT_SIGNED_IN, INVALID_INPUT, NOT_YOURS, PROFILE_EXISTS.",
  })
  async createProfile(
    @Caller() caller: Actor,
    @Args('input', { description: 'The profile.' }) input: CreateProfileInput,
  ): Promise<Reply<Profile>> {
    return created(await this.profiles.create(caller, input), 'Your profile is there.');
  }

  @Mutation(() => ProfileResponse, {
    description: "Changes the caller's profile. Errors: NOT_SIGNED_IN, INVALID_INPUT, NOT_YOURS, NO_PROFILE.",
  })
  async updateProfile(
    @Caller() caller: Actor,
    @Args('input', { description: 'What to change.' }) input: UpdateProfileInput,
  ): Promise<Reply<Profile>> {
    return ok(await this.profiles.update(caller, input), 'Your profile is up to date.');
  }

  @ResolveField(() => User, { description: 'Whose profile it is.' })
  owner(@Parent() { ownerId }: Profile, @Context() context: RequestContext): Promise<User> {
    return this.users.byId.loadExisting(context, ownerId);
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'E.164; null for everyone but its owner and the other party of an ACTIVE booking.',
  })
  async phone(
    @Parent() profile: Profile,
    @Viewer() viewer: Actor | null,
    @Context() context: RequestContext,
  ): Promise<string | null> {
    const { ownerId, phoneSealed } = profile;
    if (viewer === null || phoneSealed === null) return null;
    const mayCall = viewer.id === ownerId || (await this.profiles.isReachable.load(context, ownerId));
    return mayCall ? this.profiles.phoneOf(profile) : null;
  }
}

/** What profiles add to users. */
@Resolver(() => User)
export class UserProfileResolver {
  constructor(private readonly profiles: ProfileService) {}

  @ResolveField(() => Profile, { nullable: true, description: 'null until they make one.' })
  async profile(@Parent() { id }: User, @Context() context: RequestContext): Promise<Profile | null> {
    return (await this.profiles.byOwner.load(context, id)) ?? null;
  }
}
