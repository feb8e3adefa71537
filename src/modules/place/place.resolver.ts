// The door to places.
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { OnlyFor, Public } from '../../platform/graphql/access.js';
import { type Actor, Caller, Role, Viewer } from '../../platform/graphql/actor.js';
import type { Connection } from '../../platform/graphql/connection.types.js';
import type { RequestContext } from '../../platform/graphql/request-context.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { CityService } from '../city/city.service.js';
import { City } from '../city/city.types.js';
import { UserService } from '../user/user.service.js';
import { User } from '../user/user.types.js';
import { PlaceService } from './place.service.js';
import {
  CreatePlaceInput,
  GetPlaceArgs,
  GetPlacesArgs,
  Place,
  PlaceConnectionResponse,
  PlaceResponse,
  PlacesResponse,
  SearchPlacesArgs,
  UpdatePlaceInput,
} from './place.types.js';

@Resolver(() => Place)
export class PlaceResolver {
  constructor(
    private readonly places: PlaceService,
    private readonly users: UserService,
    private readonly cities: CityService,
  ) {}

  @Public()
  @Query(() => PlaceResponse, {
    description: 'One place, listed or not, for everyone. Errors: INVALID_INPUT, UNKNOWN_PLACE.',
  })
  async getPlace(@Args() { id }: GetPlaceArgs, @AskedFor() asked: Asked): Promise<Reply<Place | Json>> {
    return ok(await this.places.show(id, asked), 'Here is the place.');
  }

  @Query(() => PlacesResponse, {
    description:
      'All copies that share placeCopyId: for their owner, and for tenants with a booking on one of them. ' +
      'Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_PLACE, NOT_YOURS.',
  })
  async getPlaces(
    @Caller() caller: Actor,
    @Args() { placeCopyId }: GetPlacesArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<(Place | Json)[]>> {
    return ok(await this.places.showCopies(caller, placeCopyId, asked), 'Here are the copies.');
  }

  @Public()
  @Query(() => PlaceConnectionResponse, {
    description:
      'Newest first; copies made together appear once, as the first copy that fits. For everyone. ' +
      'Errors: INVALID_INPUT, UNKNOWN_CITY.',
  })
  async searchPlaces(
    @Viewer() viewer: Actor | null,
    @Args() args: SearchPlacesArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<Place | Json>>> {
    return ok(await this.places.search(viewer, args, asked), 'Here is what fits.');
  }

  @OnlyFor(Role.LANDLORD)
  @Mutation(() => PlacesResponse, {
    description:
      'Offers a place, or several copies of it at once. For landlords. data: every copy made, by copyNumber. ' +
      'Errors: NOT_SIGNED_IN, WRONG_ROLE, INVALID_INPUT, UNKNOWN_CITY, NOT_YOURS.',
  })
  async createPlace(
    @Caller() caller: Actor,
    @Args('input', { description: 'What the place is like.' }) input: CreatePlaceInput,
  ): Promise<Reply<Place[]>> {
    return created(await this.places.create(caller, input), 'Your place is listed.');
  }

  @Mutation(() => PlacesResponse, {
    description:
      'Changes a place, or with allCopies all its copies, and adds copies. data: every copy changed or added, by ' +
      'copyNumber. Errors: NOT_SIGNED_IN, INVALID_INPUT, UNKNOWN_PLACE, NOT_YOURS, STALE_VERSION.',
  })
  async updatePlace(
    @Caller() caller: Actor,
    @Args('input', { description: 'What to change.' }) input: UpdatePlaceInput,
  ): Promise<Reply<Place[]>> {
    return ok(await this.places.update(caller, input), 'Your place is up to date.');
  }

  @ResolveField(() => User, { description: 'The landlord.' })
  owner(@Parent() { ownerId }: Place, @Context() context: RequestContext): Promise<User> {
    return this.users.byId.loadExisting(context, ownerId);
  }

  @ResolveField(() => City, { description: 'Where it stands; its time zone is that of every date.' })
  city(@Parent() { cityId }: Place, @Context() context: RequestContext): Promise<City> {
    return this.cities.byId.loadExisting(context, cityId);
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'null for everyone but the owner and tenants whose booking here is ACTIVE or COMPLETED.',
  })
  async address(
    @Parent() place: Place,
    @Viewer() viewer: Actor | null,
    @Context() context: RequestContext,
  ): Promise<string | null> {
    if (viewer === null) return null;
    const mayKnow = viewer.id === place.ownerId || (await this.places.isAddressKnown.load(context, place.id));
    return mayKnow ? this.places.addressOf(place) : null;
  }
}
