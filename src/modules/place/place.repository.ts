// SQL of places and their groups of copies.
import { Injectable } from '@nestjs/common';
import { Vault } from '../../platform/crypto/vault.js';
import { assignments, columns } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import { one, parts, sealed } from '../../platform/projection/fields.js';
import { describeType } from '../../platform/projection/fragments.js';
import { type Projection, rows } from '../../platform/projection/projection.js';
import { PlaceEntity, type PlaceRow } from './place.entity.js';
import { toPlace } from './place.types.js';

/** What all copies have in common; `g` is their group. */
const SHARED = 'g.copies, g.review_count, g.rating_sum';

/** Places with what they share. The planner leaves the group out where nobody asks for anything of it. */
const PLACES = `(SELECT p.*, ${SHARED} FROM place p LEFT JOIN place_group g ON g.id = p.place_copy_id)`;

const COLUMNS = `${columns(PlaceEntity, 'p')},
  p.copies, p.review_count AS "reviewCount", p.rating_sum AS "ratingSum"`;

/** Places as rows. */
export const PLACE_ROWS = rows(COLUMNS, toPlace);

const BY_IDS = `SELECT ${COLUMNS} FROM ${PLACES} p WHERE p.id = ANY($1) ORDER BY p.copy_number`;

describeType(
  'Place',
  PlaceEntity,
  { alias: 'p', from: PLACES },
  {
    copies: (p) => `${p}.copies`,
    nightlyPrice: parts({ amount: 'nightly_amount', currency: 'currency' }),
    reviewCount: (p) => `${p}.review_count`,
    averageRating: (p) =>
      `CASE WHEN ${p}.review_count > 0 THEN ${p}.rating_sum::float8 / ${p}.review_count END`,
    owner: one((p, u) => `${u}.id = ${p}.owner_id AND ${u}.role = 'LANDLORD'`),
    city: one((p, c) => `${c}.id = ${p}.city_id`),
    address: sealed(
      'address',
      (p) => ({ row: `${p}.id`, bytes: `${p}.address_sealed` }),
      (p, viewer) => `(${p}.owner_id = ${viewer} OR EXISTS (
        SELECT FROM booking b
        WHERE b.status IN ('ACTIVE', 'COMPLETED') AND b.tenant_id = ${viewer} AND b.place_id = ${p}.id))`,
    ),
  },
);

/** What a landlord says about a place. */
export type PlaceDetails = Pick<
  PlaceEntity,
  'title' | 'description' | 'nightlyAmount' | 'currency' | 'maxGuests' | 'amenities'
> & { address: string };

export type PlaceChanges = Partial<PlaceDetails & Pick<PlaceEntity, 'listed'>>;

export interface NewPlaces {
  placeCopyId: string;
  ownerId: string;
  cityId: string;
  /** One for each copy, by copyNumber. */
  ids: readonly string[];
  details: PlaceDetails;
}

/** What to look for; `withUnlisted` is for the owner's own eyes. */
export interface PlaceSearch {
  cityId?: string;
  ownerId?: string;
  checkIn?: string;
  checkOut?: string;
  guests?: number;
  withUnlisted: boolean;
}

@Injectable()
export class PlaceRepository {
  constructor(
    private readonly db: Database,
    private readonly vault: Vault,
  ) {}

  /** All copies in one statement: all or none. */
  async insert({ placeCopyId, ownerId, cityId, ids, details }: NewPlaces): Promise<PlaceRow[]> {
    const { title, description, address, nightlyAmount, currency, maxGuests, amenities } = details;
    return this.db.query(
      `WITH g AS (
         INSERT INTO place_group (id, owner_id, city_id, copies) VALUES ($1, $2, $3, cardinality($4::uuid[]))
         RETURNING *
       ), p AS (
         INSERT INTO place (id, copy_number, place_copy_id, owner_id, city_id,
                            title, description, address_sealed, nightly_amount, currency, max_guests, amenities)
         SELECT copy.id, copy.number, g.id, g.owner_id, g.city_id, $5, $6, copy.address, $8, $9, $10, $11
         FROM g, unnest($4::uuid[], $7::bytea[]) WITH ORDINALITY AS copy (id, address, number)
         RETURNING *
       )
       SELECT ${COLUMNS} FROM (SELECT p.*, ${SHARED} FROM p, g) p ORDER BY p.copy_number`,
      [
        placeCopyId,
        ownerId,
        cityId,
        ids,
        title,
        description,
        await this.sealed(ids, address),
        nightlyAmount,
        currency,
        maxGuests,
        amenities,
      ],
    );
  }

  /** Locks the group of copies that the place belongs to. */
  async lockGroup(sql: Sql, placeId: string): Promise<{ id: string; copies: number } | null> {
    const [group] = await sql.query<{ id: string; copies: number }>(
      `SELECT g.id, g.copies FROM place_group g
       WHERE g.id = (SELECT place_copy_id FROM place WHERE id = $1)
       FOR NO KEY UPDATE`,
      [placeId],
    );
    return group ?? null;
  }

  /** Locks the copies of a group, by copyNumber; the caller holds the group. */
  lockCopies(
    sql: Sql,
    placeCopyId: string,
  ): Promise<Pick<PlaceEntity, 'id' | 'ownerId' | 'version' | 'addressSealed'>[]> {
    return sql.query(
      `SELECT p.id, p.owner_id AS "ownerId", p.version, p.address_sealed AS "addressSealed" FROM place p
       WHERE p.place_copy_id = $1 ORDER BY p.copy_number FOR NO KEY UPDATE`,
      [placeCopyId],
    );
  }

  async update(sql: Sql, ids: readonly string[], { address, ...changes }: PlaceChanges): Promise<void> {
    const addresses = address === undefined ? null : await this.sealed(ids, address);
    const values: unknown[] = [ids, addresses];
    const set = [
      'version = version + 1',
      'updated_at = now()',
      'address_sealed = coalesce(copy.address, p.address_sealed)',
      ...assignments(PlaceEntity, changes, values),
    ];
    await sql.query(
      `UPDATE place p SET ${set.join(', ')}
       FROM unnest($1::uuid[], $2::bytea[]) AS copy (id, address) WHERE p.id = copy.id`,
      values,
    );
  }

  /** Adds copies that are like the given place, numbered on; the caller holds the group and knows the address. */
  async insertCopies(sql: Sql, likeId: string, ids: readonly string[], address: string): Promise<void> {
    await sql.query(
      `WITH grown AS (
         UPDATE place_group g SET copies = g.copies + cardinality($2::uuid[])
         FROM place p WHERE p.id = $1 AND g.id = p.place_copy_id
         RETURNING g.id, g.copies - cardinality($2::uuid[]) AS before
       )
       INSERT INTO place (id, copy_number, place_copy_id, owner_id, city_id,
                          title, description, address_sealed, nightly_amount, currency, max_guests, amenities, listed)
       SELECT copy.id, grown.before + copy.number, p.place_copy_id, p.owner_id, p.city_id,
              p.title, p.description, copy.address, p.nightly_amount, p.currency, p.max_guests, p.amenities, p.listed
       FROM grown, place p, unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS copy (id, address, number)
       WHERE p.id = $1`,
      [likeId, ids, await this.sealed(ids, address)],
    );
  }

  async find<Node>(id: string, as: Projection<Node>): Promise<Node | null> {
    const values = as.values();
    const [row] = await this.db.read(
      `SELECT ${as.columns()} FROM ${PLACES} p WHERE p.id = $${values.push(id)}`,
      values,
    );
    return row === undefined ? null : as.nodeOf(row);
  }

  /** By copyNumber. */
  findByIds(ids: readonly string[]): Promise<PlaceRow[]> {
    return this.db.read(BY_IDS, [ids]);
  }

  /** The same, with what the caller's transaction changed. */
  findChanged(sql: Sql, ids: readonly string[]): Promise<PlaceRow[]> {
    return sql.query(BY_IDS, [ids]);
  }

  /** By copyNumber, and whose they are. */
  async findCopies<Node>(
    placeCopyId: string,
    as: Projection<Node>,
  ): Promise<{ ownerId: string; place: Node }[]> {
    const values = as.values();
    const found = await this.db.read<{ ownerId: string }>(
      `SELECT ${as.columns('p.owner_id AS "ownerId"')} FROM ${PLACES} p
       WHERE p.place_copy_id = $${values.push(placeCopyId)} ORDER BY p.copy_number`,
      values,
    );
    return found.map((row) => ({ ownerId: row.ownerId, place: as.nodeOf(row) }));
  }

  /** Whether the tenant has a booking, of any status, on one of the copies. */
  async hasBooked(tenantId: string, placeCopyId: string): Promise<boolean> {
    const [row] = await this.db.read<{ found: boolean }>(
      `SELECT EXISTS (
         SELECT FROM booking b JOIN place p ON p.id = b.place_id WHERE b.tenant_id = $1 AND p.place_copy_id = $2
       ) AS found`,
      [tenantId, placeCopyId],
    );
    return row?.found ?? false;
  }

  /** Which of the places the tenant may know the address of. */
  async findAddressKnown(tenantId: string, placeIds: readonly string[]): Promise<string[]> {
    const known = await this.db.read<{ id: string }>(
      `SELECT DISTINCT b.place_id AS id FROM booking b
       WHERE b.status IN ('ACTIVE', 'COMPLETED') AND b.tenant_id = $1 AND b.place_id = ANY($2)`,
      [tenantId, placeIds],
    );
    return known.map(({ id }) => id);
  }

  /** Each group once, as its lowest-numbered copy that fits; newest group first. */
  findPage(
    search: PlaceSearch,
    { first, after }: PageRequest,
    as: Projection<unknown>,
  ): Promise<{ groupCreatedAt: Date; groupId: string }[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const groups: string[] = [];
    const fits = ['p.place_copy_id = g.id'];
    if (search.cityId !== undefined) groups.push(`g.city_id = $${values.push(search.cityId)}`);
    if (search.ownerId !== undefined) groups.push(`g.owner_id = $${values.push(search.ownerId)}`);
    if (after !== null) {
      groups.push(`(g.created_at, g.id) < ($${values.push(after.key)}, $${values.push(after.id)})`);
    }
    if (!search.withUnlisted) fits.push('p.listed');
    if (search.guests !== undefined) fits.push(`p.max_guests >= $${values.push(search.guests)}`);
    if (search.checkIn !== undefined && search.checkOut !== undefined) {
      const stay = `daterange($${values.push(search.checkIn)}, $${values.push(search.checkOut)})`;
      fits.push(`NOT EXISTS (
        SELECT FROM booking b
        WHERE b.status = 'ACTIVE' AND b.place_id = p.id AND daterange(b.check_in, b.check_out) && ${stay}
      )`);
    }
    return this.db.read(
      `SELECT ${as.columns('g.created_at AS "groupCreatedAt", g.id AS "groupId"')} FROM place_group g
       CROSS JOIN LATERAL (
         SELECT p.*, ${SHARED} FROM place p WHERE ${fits.join(' AND ')} ORDER BY p.copy_number LIMIT 1
       ) p
       ${groups.length === 0 ? '' : `WHERE ${groups.join(' AND ')}`}
       ORDER BY g.created_at DESC, g.id DESC LIMIT ${most}`,
      values,
    );
  }

  /** Counts one more review of a group; its row is locked until the transaction ends. */
  async addRating(sql: Sql, placeCopyId: string, rating: number): Promise<void> {
    await sql.query(
      `UPDATE place_group SET review_count = review_count + 1, rating_sum = rating_sum + $2 WHERE id = $1`,
      [placeCopyId, rating],
    );
  }

  /** @throws Unreadable */
  addressOf({ id, addressSealed }: Pick<PlaceEntity, 'id' | 'addressSealed'>): string {
    return this.vault.open('address', id, addressSealed);
  }

  /** The address for each of these places: the same text, sealed for each row. */
  private async sealed(ids: readonly string[], address: string): Promise<Buffer[]> {
    const sealer = await this.vault.sealer();
    return ids.map((id) => sealer.seal('address', id, address));
  }
}
