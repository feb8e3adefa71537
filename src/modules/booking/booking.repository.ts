// SQL of bookings.
import { Injectable } from '@nestjs/common';
import { assignments } from '../../platform/database/columns.js';
import { Database, type Sql } from '../../platform/database/database.js';
import { violates } from '../../platform/database/sql-errors.js';
import { type Actor, Role } from '../../platform/graphql/actor.js';
import type { PageRequest } from '../../platform/graphql/connection.types.js';
import type { Projection } from '../../platform/projection/projection.js';
import { BookingEntity } from './booking.entity.js';
import { COLUMNS } from './booking.projection.js';
import { datesTaken } from './booking.rules.js';
import type { Status } from './booking.transitions.js';

/** Goes by way of the key, so that only the partition that holds the booking is read. */
const FROM_KEY = 'FROM booking_key k JOIN booking b ON b.id = k.id AND b.status = k.status';

/** What a decision needs to know of the place: `p` is the place, `c` its city. */
const PLACE_FACTS = `
  p.title AS "placeTitle", p.listed, p.max_guests AS "maxGuests",
  p.nightly_amount AS "nightlyAmount", p.currency AS "nightlyCurrency",
  (statement_timestamp() AT TIME ZONE c.time_zone)::date AS today`;

/** Whether an ACTIVE stay of place `p` touches [checkIn, checkOut); false where that is no stay at all. */
const isTaken = (checkIn: string, checkOut: string) => `
  CASE WHEN ${checkIn} < ${checkOut} THEN EXISTS (
    SELECT FROM booking a
    WHERE a.status = 'ACTIVE' AND a.place_id = p.id
      AND daterange(a.check_in, a.check_out) && daterange(${checkIn}, ${checkOut})
  ) ELSE false END AS "datesTaken"`;

/** What a decision, and whoever is told of it, need to know of the booking. */
export type Deciding = Pick<
  BookingEntity,
  'id' | 'status' | 'version' | 'placeId' | 'landlordId' | 'tenantId' | 'checkIn' | 'checkOut' | 'guests'
>;

const DECIDING = `
  b.id, b.status, b.version, b.place_id AS "placeId", b.landlord_id AS "landlordId", b.tenant_id AS "tenantId",
  b.check_in AS "checkIn", b.check_out AS "checkOut", b.guests`;

export interface PlaceFacts {
  placeTitle: string;
  listed: boolean;
  maxGuests: number;
  nightlyAmount: number;
  nightlyCurrency: string;
  today: string;
  datesTaken: boolean;
}

/** A place as a tenant asks for it. */
export interface Offer extends PlaceFacts {
  landlordId: string;
  /** The idempotency key was used before. */
  isRepeated: boolean;
}

/** An earlier use of an idempotency key. */
export interface EarlierRequest {
  bookingId: string;
  fingerprint: Buffer;
}

export interface NewBooking {
  id: string;
  placeId: string;
  landlordId: string;
  tenantId: string;
  checkIn: string;
  checkOut: string;
  guests: number;
  totalAmount: number;
  currency: string;
  note: string | null;
  idempotencyKey: string | null;
  /** Of what is asked for; null without a key. */
  fingerprint: Buffer | null;
}

/** Whose a booking is. */
export type Parties = Pick<BookingEntity, 'tenantId' | 'landlordId'>;

export type BookingChanges = Partial<
  Pick<
    BookingEntity,
    | 'checkIn'
    | 'checkOut'
    | 'guests'
    | 'note'
    | 'totalAmount'
    | 'currency'
    | 'cancelledBy'
    | 'cancellationReason'
  >
>;

/** The instant that a status leaves behind. */
const STAMPS: Readonly<Record<Status, string | null>> = {
  PENDING: null,
  ACTIVE: 'activated_at',
  COMPLETED: 'completed_at',
  CANCELLED: 'cancelled_at',
};

@Injectable()
export class BookingRepository {
  constructor(private readonly db: Database) {}

  /** Everything that a request for a stay depends on, in one look. */
  async findOffer(
    placeId: string,
    tenantId: string,
    checkIn: string,
    checkOut: string,
    idempotencyKey: string | null,
  ): Promise<Offer | null> {
    const [offer] = await this.db.read<Offer>(
      `SELECT p.owner_id AS "landlordId", ${PLACE_FACTS}, ${isTaken('$2::date', '$3::date')},
              EXISTS (SELECT FROM booking_request WHERE tenant_id = $4 AND idempotency_key = $5) AS "isRepeated"
       FROM place p
       JOIN city c ON c.id = p.city_id
       WHERE p.id = $1`,
      [placeId, checkIn, checkOut, tenantId, idempotencyKey],
    );
    return offer ?? null;
  }

  async findRequest(tenantId: string, idempotencyKey: string): Promise<EarlierRequest | null> {
    const [row] = await this.db.read<EarlierRequest>(
      `SELECT booking_id AS "bookingId", fingerprint FROM booking_request WHERE tenant_id = $1 AND idempotency_key = $2`,
      [tenantId, idempotencyKey],
    );
    return row ?? null;
  }

  /** The new booking, or null where its idempotency key was used; of any number of racing tries one inserts. */
  async insert(sql: Sql, booking: NewBooking): Promise<BookingEntity | null> {
    const [row] = await sql.query<BookingEntity>(
      `WITH claimed AS (
         INSERT INTO booking_request (tenant_id, idempotency_key, fingerprint, booking_id)
         SELECT $4, $11, $12, $1 WHERE $11::text IS NOT NULL
         ON CONFLICT ON CONSTRAINT booking_request_pkey DO NOTHING
         RETURNING booking_id
       ), key AS (
         INSERT INTO booking_key (id, status)
         SELECT $1, 'PENDING' WHERE $11::text IS NULL OR EXISTS (SELECT FROM claimed)
         RETURNING id, status
       )
       INSERT INTO booking AS b (id, status, place_id, landlord_id, tenant_id, check_in, check_out,
                                 guests, total_amount, currency, note)
       SELECT key.id, key.status, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM key
       RETURNING ${COLUMNS}`,
      [
        booking.id,
        booking.placeId,
        booking.landlordId,
        booking.tenantId,
        booking.checkIn,
        booking.checkOut,
        booking.guests,
        booking.totalAmount,
        booking.currency,
        booking.note,
        booking.idempotencyKey,
        booking.fingerprint,
      ],
    );
    return row ?? null;
  }

  /**
   * Locks the place of a booking, before anything of the booking is read. A statement of its own: racing transitions
   * queue up here, and each then sees what the one before it left.
   */
  async lockPlace(sql: Sql, bookingId: string): Promise<void> {
    await sql.query(
      `SELECT p.id FROM place p WHERE p.id = (SELECT place_id FROM booking WHERE id = $1) FOR NO KEY UPDATE`,
      [bookingId],
    );
  }

  /** A booking with what its next step depends on; `checkIn` and `checkOut` where the stay is to change. */
  async findForTransition(
    sql: Sql,
    bookingId: string,
    checkIn: string | null,
    checkOut: string | null,
  ): Promise<(Deciding & PlaceFacts) | null> {
    const [row] = await sql.query<Deciding & PlaceFacts>(
      `SELECT ${DECIDING}, ${PLACE_FACTS},
              ${isTaken('coalesce($2::date, b.check_in)', 'coalesce($3::date, b.check_out)')}
       ${FROM_KEY}
       JOIN place p ON p.id = b.place_id
       JOIN city c ON c.id = p.city_id
       WHERE k.id = $1`,
      [bookingId, checkIn, checkOut],
    );
    return row ?? null;
  }

  /**
   * Moves a booking from one status to another (or the same), by one guarded statement.
   * @returns the booking after it, null where it is no longer as it was read
   * @throws AppError DATES_TAKEN
   */
  async move(
    sql: Sql,
    { id, status, version }: Pick<Deciding, 'id' | 'status' | 'version'>,
    to: Status,
    changes: BookingChanges,
  ): Promise<BookingEntity | null> {
    const values: unknown[] = [id, status, version, to];
    const set = ['status = $4', 'version = version + 1', 'updated_at = now()'];
    const stamp = STAMPS[to];
    if (stamp !== null && to !== status) set.push(`${stamp} = now()`);
    set.push(...assignments(BookingEntity, changes, values));
    try {
      const [row] = await sql.query<BookingEntity>(
        `WITH b AS (
           UPDATE booking SET ${set.join(', ')} WHERE id = $1 AND status = $2 AND version = $3 RETURNING *
         ), key AS (
           UPDATE booking_key k SET status = b.status FROM b WHERE k.id = b.id AND k.status <> b.status
         )
         SELECT ${COLUMNS} FROM b`,
        values,
      );
      return row ?? null;
    } catch (error) {
      if (violates(error, 'booking_active_no_overlap')) throw datesTaken();
      throw error;
    }
  }

  findByIds(ids: readonly string[]): Promise<BookingEntity[]> {
    return this.db.read(`SELECT ${COLUMNS} ${FROM_KEY} WHERE k.id = ANY($1)`, [ids]);
  }

  /** The booking, and whose it is. */
  async find<Node>(id: string, as: Projection<Node>): Promise<(Parties & { booking: Node }) | null> {
    const values = as.values();
    const [row] = await this.db.read<Parties>(
      `SELECT ${as.columns('b.tenant_id AS "tenantId", b.landlord_id AS "landlordId"')} ${FROM_KEY}
       WHERE k.id = $${values.push(id)}`,
      values,
    );
    if (row === undefined) return null;
    return { tenantId: row.tenantId, landlordId: row.landlordId, booking: as.nodeOf(row) };
  }

  /** The actor's own bookings, newest first. */
  findPage(
    actor: Actor,
    status: Status | undefined,
    placeId: string | undefined,
    { first, after }: PageRequest,
    as: Projection<unknown>,
  ): Promise<Pick<BookingEntity, 'id' | 'createdAt'>[]> {
    const values = as.values();
    const most = `$${values.push(first + 1)}`;
    const side = actor.role === Role.TENANT ? 'tenant_id' : 'landlord_id';
    const conditions = [`b.${side} = $${values.push(actor.id)}`];
    if (status !== undefined) conditions.push(`b.status = $${values.push(status)}`);
    if (placeId !== undefined) conditions.push(`b.place_id = $${values.push(placeId)}`);
    if (after !== null) {
      conditions.push(`(b.created_at, b.id) < ($${values.push(after.key)}, $${values.push(after.id)})`);
    }
    return this.db.read(
      `SELECT ${as.columns('b.created_at AS "createdAt", b.id')} FROM booking b WHERE ${conditions.join(' AND ')}
       ORDER BY b.created_at DESC, b.id DESC LIMIT ${most}`,
      values,
    );
  }

  /** ACTIVE stays that touch the given calendars, by `index` of the calendar, then checkIn. */
  findBusy(
    calendars: readonly { placeId: string; from: string; to: string }[],
  ): Promise<{ index: number; checkIn: string; checkOut: string }[]> {
    return this.db.read(
      `SELECT calendar.index, b.check_in AS "checkIn", b.check_out AS "checkOut"
       FROM unnest($1::uuid[], $2::date[], $3::date[]) WITH ORDINALITY AS calendar (place_id, starts, ends, index)
       JOIN booking b ON b.status = 'ACTIVE' AND b.place_id = calendar.place_id
         AND daterange(b.check_in, b.check_out) && daterange(calendar.starts, calendar.ends)
       ORDER BY calendar.index, b.check_in`,
      [
        calendars.map(({ placeId }) => placeId),
        calendars.map(({ from }) => from),
        calendars.map(({ to }) => to),
      ],
    );
  }
}
