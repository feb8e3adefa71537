// The public face of places.
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Database, type Sql } from '../../platform/database/database.js';
import { AppError, invalidInput } from '../../platform/errors/app-error.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';
import { type Connection, pageOf, toConnection } from '../../platform/graphql/connection.types.js';
import { Loader } from '../../platform/graphql/loader.js';
import type { Json } from '../../platform/projection/json.js';
import type { Asked, Projection } from '../../platform/projection/projection.js';
import { CityService } from '../city/city.service.js';
import { PLACE_ROWS, type PlaceChanges, PlaceRepository } from './place.repository.js';
import {
  type CreatePlaceInput,
  type Place,
  type SearchPlacesArgs,
  toPlace,
  type UpdatePlaceInput,
} from './place.types.js';

@Injectable()
export class PlaceService {
  /** Places by id. */
  readonly byId = new Loader<string, Place>(async (ids) => {
    const rows = await this.places.findByIds(ids);
    return new Map(rows.map((row) => [row.id, toPlace(row)]));
  });

  /** Whether the viewer has a booking that tells them the address of a place: true, or undefined. */
  readonly isAddressKnown = new Loader<string, true>(async (placeIds, viewer) => {
    const known = viewer?.role === Role.TENANT ? await this.places.findAddressKnown(viewer.id, placeIds) : [];
    return new Map(known.map((id) => [id, true]));
  });

  constructor(
    private readonly db: Database,
    private readonly places: PlaceRepository,
    private readonly cities: CityService,
  ) {}

  /** @throws AppError UNKNOWN_PLACE */
  async get(id: string): Promise<Place> {
    return mustBeThere(await this.places.find(id, PLACE_ROWS));
  }

  /** @throws AppError UNKNOWN_PLACE */
  async show(id: string, asked: Asked): Promise<Place | Json> {
    return mustBeThere(await this.places.find<Place | Json>(id, asked ?? PLACE_ROWS));
  }

  /** @throws AppError UNKNOWN_PLACE, NOT_YOURS */
  async showCopies(actor: Actor, placeCopyId: string, asked: Asked): Promise<(Place | Json)[]> {
    const copies = await this.places.findCopies<Place | Json>(placeCopyId, asked ?? PLACE_ROWS);
    const [first] = copies;
    if (first === undefined)
      throw new AppError('UNKNOWN_PLACE', 'There are no places with this placeCopyId.');
    const mayLook = first.ownerId === actor.id || (await this.places.hasBooked(actor.id, placeCopyId));
    if (!mayLook)
      throw new AppError('NOT_YOURS', 'Only the owner, and tenants who booked here, see all copies.');
    return copies.map(({ place }) => place);
  }

  /** @throws AppError UNKNOWN_CITY; INVALID_INPUT at filter or after */
  async search(
    viewer: Actor | null,
    { filter = {}, ...args }: SearchPlacesArgs,
    asked: Asked,
  ): Promise<Connection<Place | Json>> {
    const as: Projection<Place | Json> = asked ?? PLACE_ROWS;
    const { cityId, ownerId, checkIn, checkOut, guests } = filter;
    const page = pageOf(`places ${[cityId, ownerId, checkIn, checkOut, guests].join(' ')}`, args);
    const withUnlisted = ownerId !== undefined && ownerId === viewer?.id;
    const found = await this.places.findPage({ ...filter, withUnlisted }, page, as);
    // Where there is a place, there is its city.
    if (cityId !== undefined && found.length === 0) await this.cities.mustExist(cityId);
    const positionOf = (row: (typeof found)[number]) => ({ key: row.groupCreatedAt, id: row.groupId });
    return toConnection(found, page, positionOf, as.nodeOf);
  }

  /** @throws AppError UNKNOWN_CITY, NOT_YOURS */
  async create(actor: Actor, input: CreatePlaceInput): Promise<Place[]> {
    const { ownerId = actor.id, cityId, nightlyPrice, amenities = [], copies = 1 } = input;
    await this.cities.mustExist(cityId);
    if (ownerId !== actor.id) throw new AppError('NOT_YOURS', 'Places can only be offered in your own name.');
    const { title, description, address, maxGuests } = input;
    const { amount: nightlyAmount, currency } = nightlyPrice;
    const rows = await this.places.insert({
      placeCopyId: uuid(),
      ownerId,
      cityId,
      ids: newIds(copies),
      details: { title, description, address, nightlyAmount, currency, maxGuests, amenities },
    });
    return rows.map(toPlace);
  }

  /**
   * Changes a place, or all its copies, and adds copies; answers what was changed or added, by copyNumber.
   * @throws AppError UNKNOWN_PLACE, NOT_YOURS, STALE_VERSION; INVALID_INPUT at copies
   */
  async update(actor: Actor, input: UpdatePlaceInput): Promise<Place[]> {
    const rows = await this.db.transaction(async (tx) => {
      const group = await this.places.lockGroup(tx, input.id);
      if (group === null) throw unknownPlace();
      const copies = await this.places.lockCopies(tx, group.id);
      const place = copies.find(({ id }) => id === input.id);
      if (place?.ownerId !== actor.id || (input.ownerId ?? actor.id) !== actor.id) {
        throw new AppError('NOT_YOURS', 'Only its owner can change a place.');
      }
      if (input.version !== undefined && input.version !== place.version) {
        throw new AppError(
          'STALE_VERSION',
          `This place was changed in between; it is at version ${place.version} now.`,
        );
      }
      const added = newIds(copiesToAdd(group.copies, input.copies));
      const changes = changesIn(input);
      const changed =
        Object.keys(changes).length === 0 ? [] : input.allCopies ? copies.map(({ id }) => id) : [input.id];
      if (changed.length > 0) await this.places.update(tx, changed, changes);
      if (added.length > 0) {
        const address = changes.address ?? this.addressOf(place);
        await this.places.insertCopies(tx, input.id, added, address);
      }
      return this.places.findChanged(tx, [...changed, ...added]);
    });
    return rows.map(toPlace);
  }

  /**
   * The place's address. Who may see it is for the caller to know.
   * @throws Unreadable where what is stored was tampered with
   */
  addressOf(place: Pick<Place, 'id' | 'addressSealed'>): string {
    return this.places.addressOf(place);
  }

  /** Counts one more review of the group that the place belongs to, as part of the caller's transaction. */
  addRating(sql: Sql, placeCopyId: string, rating: number): Promise<void> {
    return this.places.addRating(sql, placeCopyId, rating);
  }
}

export function unknownPlace(): AppError {
  return new AppError('UNKNOWN_PLACE', 'There is no place with this id.');
}

function mustBeThere<Node>(place: Node | null): Node {
  if (place === null) throw unknownPlace();
  return place;
}

function newIds(count: number): string[] {
  return Array.from({ length: count }, () => uuid());
}

function copiesToAdd(before: number, wanted = before): number {
  if (wanted < before)
    throw invalidInput({ path: 'copies', message: `There are ${before} copies; they cannot become fewer.` });
  return wanted - before;
}

/** The input's changes as columns; without those that were left out. */
function changesIn({
  title,
  description,
  address,
  nightlyPrice,
  maxGuests,
  amenities,
  listed,
}: UpdatePlaceInput): PlaceChanges {
  const changes = {
    title,
    description,
    address,
    nightlyAmount: nightlyPrice?.amount,
    currency: nightlyPrice?.currency,
    maxGuests,
    amenities,
    listed,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
