// The door to cities.
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { OnlyFor, Public } from '../../platform/graphql/access.js';
import { Role } from '../../platform/graphql/actor.js';
import type { Connection } from '../../platform/graphql/connection.types.js';
import { created, ok, type Reply } from '../../platform/graphql/response.types.js';
import type { Json } from '../../platform/projection/json.js';
import { type Asked, AskedFor } from '../../platform/projection/projection.js';
import { CityService } from './city.service.js';
import {
  AddCityInput,
  type City,
  CityConnectionResponse,
  CityResponse,
  GetCitiesArgs,
} from './city.types.js';

@Resolver()
export class CityResolver {
  constructor(private readonly cities: CityService) {}

  @Public()
  @Query(() => CityConnectionResponse, {
    description: 'Cities by name, for everyone. Errors: INVALID_INPUT.',
  })
  async getCities(
    @Args() args: GetCitiesArgs,
    @AskedFor() asked: Asked,
  ): Promise<Reply<Connection<City | Json>>> {
    return ok(await this.cities.getPage(args, asked), 'Here are the cities.');
  }

  @OnlyFor(Role.LANDLORD)
  @Mutation(() => CityResponse, {
    description:
      'Adds a city to offer places in. For landlords. Errors: WRONG_ROLE, INVALID_INPUT, CITY_EXISTS.',
  })
  async addCity(@Args('input', { description: 'The city.' }) input: AddCityInput): Promise<Reply<City>> {
    return created(await this.cities.add(input), 'The city is in the list.');
  }
}
