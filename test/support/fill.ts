// Fills a database with many rows, the same ones every time, straight in SQL. Personal data is sealed as a server would.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { EmailIndex } from '../../src/platform/crypto/email-index.js';
import { KeyRing } from '../../src/platform/crypto/key-ring.js';
import type { PersonalData } from '../../src/platform/crypto/sealed-columns.js';
import { Sealer } from '../../src/platform/crypto/sealer.js';
import { KEYS } from './keys.js';

export interface Size {
  cities: number;
  landlords: number;
  tenants: number;
  places: number;
  /** How many of the places have bookings, the first ones; left out: all. */
  bookedPlaces?: number;
  bookings: number;
  reviews: number;
  notifications: number;
}

const sealer = new Sealer(KeyRing.parse(KEYS.data[0]));
const emails = new EmailIndex(KeyRing.parse(KEYS.index[0]));

export const emailOf = (n: number) => `user${n}@example.com`;
export const phoneOf = (n: number) => `+1555${n}`;
export const addressOf = (n: number) => `${n} Garden Lane`;

/** The values of rows 1 to `count`. */
function each<Value>(count: number, valueOf: (n: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => valueOf(index + 1));
}

function sealed(
  kind: PersonalData,
  of: 'place' | 'user',
  count: number,
  textOf: (n: number) => string,
): Buffer[] {
  return each(count, (n) => sealer.seal(kind, idOf(of, n), textOf(n)));
}

/** The id of the n-th row of a kind, from 1: `idOf('place', 1)`. */
export function idOf(kind: 'booking' | 'city' | 'place' | 'user', n: number | string): string {
  const hex = createHash('md5').update(`${kind} ${n}`).digest('hex');
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-a$4-');
}

/** The same in SQL. */
export const idSql = (kind: string, n: string) =>
  `regexp_replace(md5('${kind} ' || (${n})), '^(.{12}).(.{3}).', '\\14\\2a')::uuid`;

/**
 * Each place has its share of bookings, by turns one PENDING, one ACTIVE, six COMPLETED and two CANCELLED; ACTIVE stays of a
 * place follow each other without overlap. The first reviews go to the first completed bookings.
 */
export async function fill(url: string, size: Size): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const {
    cities,
    landlords,
    tenants,
    places,
    bookedPlaces = places,
    bookings,
    reviews,
    notifications,
  } = size;
  const users = landlords + tenants;
  const landlordOf = (n: string) => idSql('user', `1 + (${n}) % ${landlords}`);
  const tenantOf = (n: string) => idSql('user', `${landlords} + 1 + (${n}) % ${tenants}`);
  const roleOf = (n: string) => `CASE WHEN ${n} <= ${landlords} THEN 'LANDLORD' ELSE 'TENANT' END::user_role`;
  const ago = (n: string) => `date_trunc('second', now()) - (${n}) * interval '7 seconds'`;
  const statements: (string | [string, ...unknown[]])[] = [
    // Rows are consistent by construction; checking each foreign key would take most of the time.
    `SET session_replication_role = replica`,
    [
      `INSERT INTO user_key SELECT ${idSql('user', 'n')}, ${roleOf('n')}, email FROM unnest($1::bytea[]) WITH ORDINALITY AS u (email, n)`,
      each(users, (n) => emails.of(emailOf(n))),
    ],
    [
      `INSERT INTO users (id, role, email_sealed, password_hash, display_name, created_at)
       SELECT ${idSql('user', 'n')}, ${roleOf('n')}, email, 'no password', 'User ' || n, ${ago('n')}
       FROM unnest($1::bytea[]) WITH ORDINALITY AS u (email, n)`,
      sealed('email', 'user', users, emailOf),
    ],
    [
      `INSERT INTO profile (id, owner_id, owner_role, full_name, phone_sealed, created_at)
       SELECT ${idSql('profile', 'n')}, ${idSql('user', 'n')}, ${roleOf('n')}, 'User ' || n, phone, ${ago('n')}
       FROM unnest($1::bytea[]) WITH ORDINALITY AS u (phone, n)`,
      sealed('phone', 'user', users, phoneOf),
    ],
    `INSERT INTO city (id, name, folded_name, country, time_zone)
     SELECT ${idSql('city', 'n')}, 'City ' || md5(n::text), 'city ' || md5(n::text), 'VN', 'Asia/Ho_Chi_Minh' FROM generate_series(1, ${cities}) n`,
    `INSERT INTO place_group (id, owner_id, city_id, copies, review_count, rating_sum, created_at)
     SELECT ${idSql('group', 'n')}, ${landlordOf('n')}, ${idSql('city', `1 + n % ${cities}`)}, 1, 0, 0, ${ago('n')}
     FROM generate_series(1, ${places}) n`,
    [
      `INSERT INTO place (id, place_copy_id, copy_number, owner_id, city_id, title, description, address_sealed, nightly_amount, currency, max_guests, amenities, created_at, updated_at)
       SELECT ${idSql('place', 'n')}, ${idSql('group', 'n')}, 1, ${landlordOf('n')}, ${idSql('city', `1 + n % ${cities}`)}, 'Place ' || n, repeat('Quiet, bright, near the market. ', 8), address,
              1000 + n % 9000, 'USD', 1 + n % 6, ARRAY['wifi', 'kitchen', 'balcony'], ${ago('n')}, ${ago('n')}
       FROM unnest($1::bytea[]) WITH ORDINALITY AS p (address, n)`,
      sealed('address', 'place', places, addressOf),
    ],
    `CREATE TEMP TABLE planned AS
     SELECT n, 1 + n % ${bookedPlaces} AS place, n / ${bookedPlaces} AS turn,
            (ARRAY['PENDING', 'ACTIVE', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'CANCELLED', 'CANCELLED'])
              [1 + (n / ${bookedPlaces}) % 10]::booking_status AS status
     FROM generate_series(0, ${bookings} - 1) n`,
    `INSERT INTO booking_key SELECT ${idSql('booking', 'n')}, status FROM planned`,
    `INSERT INTO booking (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency, created_at, updated_at,
                          activated_at, completed_at, cancelled_at, cancelled_by)
     SELECT ${idSql('booking', 'n')}, status, ${idSql('place', 'place')}, ${landlordOf('place')}, ${tenantOf('n')},
            current_date + turn * 4, current_date + turn * 4 + 3, 1, 3000, 'USD', ${ago('n')}, ${ago('n')},
            CASE WHEN status IN ('ACTIVE', 'COMPLETED') THEN now() END, CASE WHEN status = 'COMPLETED' THEN now() END,
            CASE WHEN status = 'CANCELLED' THEN now() END, CASE WHEN status = 'CANCELLED' THEN 'TENANT'::actor END
     FROM planned`,
    `INSERT INTO booking_request (tenant_id, idempotency_key, fingerprint, booking_id)
     SELECT ${tenantOf('n')}, 'key ' || n, sha256('input'), ${idSql('booking', 'n')} FROM planned WHERE n % 4 = 0`,
    `INSERT INTO review (id, booking_id, place_id, place_copy_id, reviewer_id, rating, comment, created_at)
     SELECT ${idSql('review', 'n')}, ${idSql('booking', 'n')}, ${idSql('place', 'place')}, ${idSql('group', 'place')}, ${tenantOf('n')}, 1 + n % 5, 'A fine stay, we would come again.', ${ago('n')}
     FROM planned WHERE status = 'COMPLETED' ORDER BY n LIMIT ${reviews}`,
    `UPDATE place_group g SET review_count = r.count, rating_sum = r.sum
     FROM (SELECT place_copy_id, count(*) AS count, sum(rating) AS sum FROM review GROUP BY 1) r WHERE r.place_copy_id = g.id`,
    `INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out, delivered_at, read_at, created_at)
     SELECT ${landlordOf('place')}, row_number() OVER (PARTITION BY ${landlordOf('place')} ORDER BY n), ${idSql('notification', 'n')}, 'NEW_BOOKING', 'New request.', ${idSql('booking', 'n')}, 1,
            ${idSql('place', 'place')}, 'PENDING', current_date, current_date + 3, CASE WHEN n % 20 > 0 THEN now() END, CASE WHEN n % 10 > 0 THEN now() END, ${ago('n')}
     FROM planned ORDER BY n LIMIT ${notifications}`,
    `INSERT INTO inbox SELECT recipient_id, max(sequence) FROM notification GROUP BY 1`,
    `INSERT INTO inbox_cursor SELECT recipient_id, max(sequence) FROM notification WHERE delivered_at IS NOT NULL GROUP BY 1`,
    `INSERT INTO session (id, user_id, expires_at, revoked_at)
     SELECT ${idSql('session', 'n')}, ${idSql('user', 'n')}, now() + interval '30 days', CASE WHEN n % 50 = 0 THEN now() - n * interval '1 minute' END FROM generate_series(1, ${users}) n`,
    `INSERT INTO refresh_token (hash, session_id, expires_at)
     SELECT sha256(('token ' || n)::bytea), ${idSql('session', 'n')}, now() + interval '30 days' FROM generate_series(1, ${users}) n`,
    `RESET session_replication_role`,
    `ANALYZE`,
  ];
  try {
    for (const statement of statements) {
      const [text, ...values] = typeof statement === 'string' ? [statement] : statement;
      await client.query(text, values);
    }
  } finally {
    await client.end();
  }
}
