// PostgreSQL by hand, for the floor and mercurius: a pool, named prepared statements, and the two kinds of write with the
// same rows, locks and transactions as Roost's, each statement awaited before the next as one writes it by hand.
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Caller } from './token.js';

pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** A request that is refused; `status` is what HTTP calls it. */
export class Refusal extends Error {
  constructor(readonly status: number) {
    super(`refused: ${status}`);
  }
}

export interface Booking {
  id: string;
  status: string;
  checkIn: string;
  checkOut: string;
  nights: number;
  guests: number;
  total: { amount: number; currency: string };
  version: number;
  createdAt: Date;
}

/** What happened, for whoever is told after the commit. */
export interface Told {
  recipientId: string;
  bookingId: string;
}

interface BookingRow extends Omit<Booking, 'nights' | 'total'> {
  placeId: string;
  landlordId: string;
  tenantId: string;
  totalAmount: number;
  currency: string;
}

interface PlaceFacts {
  landlordId: string;
  title: string;
  listed: boolean;
  maxGuests: number;
  nightlyAmount: number;
  nightlyCurrency: string;
  today: string;
  datesTaken: boolean;
}

export interface BookingRequest {
  placeId: string;
  checkIn: string;
  checkOut: string;
  guests: number;
}

const DAY_MS = 86_400_000;

const BOOKING = `b.id, b.status, b.place_id AS "placeId", b.landlord_id AS "landlordId", b.tenant_id AS "tenantId",
  b.check_in AS "checkIn", b.check_out AS "checkOut", b.guests, b.total_amount AS "totalAmount", b.currency,
  b.version, b.created_at AS "createdAt"`;

const FACTS = (checkIn: string, checkOut: string) => `
  p.title, p.listed, p.max_guests AS "maxGuests", p.nightly_amount AS "nightlyAmount", p.currency AS "nightlyCurrency",
  (statement_timestamp() AT TIME ZONE c.time_zone)::date AS today,
  EXISTS (SELECT FROM booking a WHERE a.status = 'ACTIVE' AND a.place_id = p.id
          AND daterange(a.check_in, a.check_out) && daterange(${checkIn}, ${checkOut})) AS "datesTaken"`;

const OFFER = `SELECT p.owner_id AS "landlordId", ${FACTS('$2::date', '$3::date')}
  FROM place p JOIN city c ON c.id = p.city_id WHERE p.id = $1`;

const INSERT = `WITH key AS (INSERT INTO booking_key (id, status) VALUES ($1, 'PENDING') RETURNING id, status)
  INSERT INTO booking AS b (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency)
  SELECT key.id, key.status, $2, $3, $4, $5, $6, $7, $8, $9 FROM key
  RETURNING ${BOOKING}`;

const LOCK = `SELECT p.id FROM place p WHERE p.id = (SELECT place_id FROM booking WHERE id = $1) FOR NO KEY UPDATE`;

const READ = `SELECT ${BOOKING}, ${FACTS('b.check_in', 'b.check_out')}
  FROM booking_key k JOIN booking b ON b.id = k.id AND b.status = k.status
  JOIN place p ON p.id = b.place_id JOIN city c ON c.id = p.city_id
  WHERE k.id = $1`;

const MOVE = (set: string) => `WITH b AS (
    UPDATE booking SET status = $4, version = version + 1, updated_at = now(), ${set}
    WHERE id = $1 AND status = $2 AND version = $3 RETURNING *
  ), key AS (UPDATE booking_key k SET status = b.status FROM b WHERE k.id = b.id AND k.status <> b.status)
  SELECT ${BOOKING} FROM b`;

const MOVES = {
  activate: {
    from: 'PENDING',
    to: 'ACTIVE',
    sql: MOVE('activated_at = now()'),
    tells: 'ACTIVATE_BOOKING',
    sentence: 'Your stay is confirmed',
  },
  cancel: {
    from: 'ACTIVE',
    to: 'CANCELLED',
    sql: MOVE(`cancelled_at = now(), cancelled_by = 'LANDLORD'`),
    tells: 'CANCEL_BOOKING',
    sentence: 'Called off',
  },
} as const;

const NOTIFY = `WITH counter AS (
    INSERT INTO inbox (recipient_id, last_sequence) VALUES ($1, 1)
    ON CONFLICT ON CONSTRAINT inbox_pkey DO UPDATE SET last_sequence = inbox.last_sequence + 1
    RETURNING last_sequence
  )
  INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id,
                            booking_status, check_in, check_out)
  SELECT $1, last_sequence, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM counter`;

type Client = Pick<pg.PoolClient, 'query'>;

export class Sql {
  private readonly pool: pg.Pool;

  constructor(
    url: string,
    poolSize: number,
    private readonly onCommit: (told: Told) => void = () => undefined,
  ) {
    this.pool = new pg.Pool({ connectionString: url, max: poolSize });
  }

  async rows<Row extends object>(
    name: string,
    text: string,
    values: unknown[],
    client: Client = this.pool,
  ): Promise<Row[]> {
    const { rows } = await client.query<Row>({ name, text, values });
    return rows;
  }

  async createPending(
    caller: Caller,
    { placeId, checkIn, checkOut, guests }: BookingRequest,
  ): Promise<Booking> {
    if (caller.role !== 'TENANT') throw new Refusal(403);
    const [offer] = await this.rows<PlaceFacts>('offer', OFFER, [placeId, checkIn, checkOut]);
    if (offer === undefined) throw new Refusal(404);
    const nights = nightsOf(checkIn, checkOut);
    const stayFits =
      checkIn >= offer.today && nights >= 1 && nights <= 365 && guests >= 1 && guests <= offer.maxGuests;
    if (!stayFits) throw new Refusal(400);
    if (!offer.listed || offer.datesTaken) throw new Refusal(409);
    const { landlordId, nightlyAmount, nightlyCurrency, title } = offer;
    const stay = [checkIn, checkOut, guests, nights * nightlyAmount, nightlyCurrency];
    const values = [uuid(), placeId, landlordId, caller.id, ...stay];
    return this.transaction(async (client) => {
      const [row] = await this.rows<BookingRow>('insert', INSERT, values, client);
      if (row === undefined) throw new Refusal(409);
      const people = guests === 1 ? '1 guest' : `${guests} guests`;
      const message = `New request for “${title}”: ${checkIn} to ${checkOut}, ${people}.`;
      return { row, told: await this.notify(client, landlordId, 'NEW_BOOKING', message, row) };
    });
  }

  async transition(caller: Caller, id: string, step: keyof typeof MOVES): Promise<Booking> {
    const { from, to, sql, tells, sentence } = MOVES[step];
    return this.transaction(async (client) => {
      await this.rows('lock', LOCK, [id], client);
      const [booking] = await this.rows<BookingRow & PlaceFacts>('read', READ, [id], client);
      if (booking === undefined) throw new Refusal(404);
      if (booking.landlordId !== caller.id) throw new Refusal(403);
      const { status, version, today, checkIn, checkOut, title, tenantId } = booking;
      const mayMove = status === from && (step === 'cancel' || (today <= checkIn && !booking.datesTaken));
      if (!mayMove) throw new Refusal(409);
      const [row] = await this.rows<BookingRow>(step, sql, [id, from, version, to], client);
      if (row === undefined) throw new Refusal(409);
      const message = `${sentence}: “${title}”, ${checkIn} to ${checkOut}.`;
      return { row, told: await this.notify(client, tenantId, tells, message, row) };
    });
  }

  private async notify(
    client: Client,
    recipientId: string,
    type: string,
    message: string,
    { id, version, placeId, status, checkIn, checkOut }: BookingRow,
  ): Promise<Told> {
    const values = [recipientId, uuid(), type, message, id, version, placeId, status, checkIn, checkOut];
    await this.rows('notify', NOTIFY, values, client);
    return { recipientId, bookingId: id };
  }

  private async transaction(
    work: (client: Client) => Promise<{ row: BookingRow; told: Told }>,
  ): Promise<Booking> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const { row, told } = await work(client);
      await client.query('COMMIT');
      this.onCommit(told);
      return toBooking(row);
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}

function toBooking({
  id,
  status,
  checkIn,
  checkOut,
  guests,
  version,
  createdAt,
  ...row
}: BookingRow): Booking {
  const total = { amount: row.totalAmount, currency: row.currency };
  return {
    id,
    status,
    checkIn,
    checkOut,
    nights: nightsOf(checkIn, checkOut),
    guests,
    total,
    version,
    createdAt,
  };
}

function nightsOf(checkIn: string, checkOut: string): number {
  return Math.round((Date.parse(checkOut) - Date.parse(checkIn)) / DAY_MS);
}
