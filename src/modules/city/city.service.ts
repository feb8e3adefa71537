// The public face of cities.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AppError, invalidInput } from '../../platform/errors/app-error.js';
import { type Connection, textPageOf, toConnection } from '../../platform/graphql/connection.types.js';
import { byKey, Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { CITY_ROWS, CityRepository } from './city.repository.js';
import { foldName } from './city.rules.js';
import type { AddCityInput, City, GetCitiesArgs } from './city.types.js';

@Injectable()
export class CityService {
  /** Cities by id. */
  readonly byId = new Loader<string, City>(async (ids) => byKey(await this.cities.findByIds(ids), 'id'));

  constructor(private readonly cities: CityRepository) {}

  /** @throws AppError CITY_EXISTS; INVALID_INPUT at name or timeZone */
  async add({ name, country, timeZone, latitude, longitude }: AddCityInput): Promise<City> {
    const foldedName = foldName(name);
    if (foldedName === '') throw invalidInput({ path: 'name', message: 'Must hold at least one letter.' });
    const city = await this.cities.insert({
      id: uuid(),
      name: name.replace(/\s+/g, ' '),
      foldedName,
      country,
      timeZone,
      latitude: latitude ?? null,
      longitude: longitude ?? null,
    });
    if (city === 'exists') throw new AppError('CITY_EXISTS', `${name} in ${country} is in the list already.`);
    if (city === 'unknown zone')
      throw invalidInput({ path: 'timeZone', message: 'The database does not know this time zone.' });
    return city;
  }

  async getPage({ search = '', ...args }: GetCitiesArgs, asked: Asked): Promise<Connection<City | Json>> {
    const as: Projection<City | Json> = asked ?? CITY_ROWS;
    const folded = foldName(search);
    const page = textPageOf(`cities ${folded}`, args);
    const found = await this.cities.findPage(folded, page, as);
    return toConnection(found, page, ({ foldedName, id }) => ({ key: foldedName, id }), as.nodeOf);
  }

  /** @throws AppError UNKNOWN_CITY */
  async mustExist(id: string): Promise<void> {
    const [city] = await this.cities.findByIds([id]);
    if (city === undefined) throw new AppError('UNKNOWN_CITY', 'There is no city with this id.');
  }
}
