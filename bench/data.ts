// The data set: the same rows every time, loaded once and kept between runs, and put back after workloads that write.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ensureDatabase, type RunningPostgres } from '../scripts/services/postgres.js';
import { createDataSource } from '../src/platform/database/data-source.js';
import { migrateUp } from '../src/platform/database/migrate.js';
import { fill, idOf, idSql, type Size } from '../test/support/fill.js';

/** A filled database, and which of its rows requests are drawn from. */
export interface DataSet {
  url: string;
  size: Required<Size>;
  /** What has been made since then was made by the benchmark. */
  loadedAt: Date;
}

/** Cities, people and places stay the same however many bookings there are: 20 for each booked place. */
export function sizeOf(bookings: number, places = 50_000): Required<Size> {
  return {
    cities: places / 500,
    landlords: places / 10,
    tenants: (places * 3) / 10,
    places,
    bookedPlaces: bookings / 20,
    bookings,
    reviews: bookings / 2,
    notifications: 0,
  };
}

/** The database with so many bookings, loaded where it is not there yet. */
export async function prepareData(
  postgres: RunningPostgres,
  bookings: number,
  say: (sentence: string) => void,
): Promise<DataSet> {
  const name = `bench_${bookings}`;
  const url = postgres.url(name);
  const size = sizeOf(bookings);
  const [stored, since] = (await commentOf(postgres, name))?.split(' ') ?? [];
  if (stored === fingerprint(size) && since !== undefined) {
    const data = { url, size, loadedAt: new Date(since) };
    await restore(data);
    return data;
  }
  say(`Loading ${bookings.toLocaleString('en')} bookings. This happens once.`);
  await administer(postgres, `DROP DATABASE IF EXISTS ${name}`);
  await ensureDatabase(postgres, name);
  const dataSource = await createDataSource({ url, poolSize: 2, timeoutMs: 0 }).initialize();
  await migrateUp(dataSource);
  await dataSource.destroy();
  await fill(url, size);
  await run(url, 'CREATE EXTENSION pg_stat_statements; VACUUM ANALYZE'.split(';'));
  const loadedAt = new Date();
  await administer(
    postgres,
    `COMMENT ON DATABASE ${name} IS '${fingerprint(size)} ${loadedAt.toISOString()}'`,
  );
  return { url, size, loadedAt };
}

/** Takes away what was made since the data set was loaded, as if it had never been. */
export async function restore({ url, loadedAt }: DataSet): Promise<void> {
  await run(url, [
    // COMPLETED and CANCELLED bookings refuse to go otherwise.
    'SET session_replication_role = replica',
    // What servers still do on their own in the background may give way; they do it again.
    `SET deadlock_timeout = '20s'`,
    'TRUNCATE inbox, inbox_cursor, notification, booking_request',
    `WITH gone AS (DELETE FROM booking WHERE created_at > '${loadedAt.toISOString()}' RETURNING id)
     DELETE FROM booking_key USING gone WHERE booking_key.id = gone.id`,
    'VACUUM booking_key',
    'VACUUM booking_pending',
    'VACUUM booking_active',
    'VACUUM booking_cancelled',
  ]);
}

/** First nights of what the benchmark books: beyond every stay of the data set, within the two years that are allowed. */
export const FIRST_STAY = { fromDay: 400, days: 300 };

/** Makes PENDING bookings to be moved, one at each place; the n-th is `movableId(n)`, at the n-th place. */
export async function addMovable({ url, size }: DataSet, count: number): Promise<void> {
  if (count > size.places) throw new Error(`There are places for ${size.places} bookings to move only.`);
  const tenant = idSql('user', `${size.landlords} + 1 + n % ${size.tenants}`);
  const landlord = idSql('user', `1 + n % ${size.landlords}`);
  await run(url, [
    'SET session_replication_role = replica',
    `INSERT INTO booking_key SELECT ${movableSql}, 'PENDING' FROM generate_series(1, ${count}) n`,
    `INSERT INTO booking (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency)
     SELECT ${movableSql}, 'PENDING', ${idSql('place', 'n')}, ${landlord}, ${tenant},
            current_date + ${FIRST_STAY.fromDay}, current_date + ${FIRST_STAY.fromDay + 3}, 1, 3000, 'USD'
     FROM generate_series(1, ${count}) n`,
  ]);
}

const movableSql = idSql('booking', `'to move ' || n`);

export function movableId(n: number): string {
  return idOf('booking', `to move ${n}`);
}

/** The landlord of the n-th place, as the data set has it. */
export function landlordOf(place: number, { landlords }: Size): string {
  return idOf('user', 1 + (place % landlords));
}

/** Runs statements one after the other, outside a transaction. */
export async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export async function query<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export function administer({ url }: RunningPostgres, ...statements: string[]): Promise<void> {
  return run(url('postgres'), statements);
}

async function commentOf(postgres: RunningPostgres, database: string): Promise<string | null> {
  const [row] = await query<{ comment: string | null }>(
    postgres.url('postgres'),
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [database],
  );
  return row?.comment ?? null;
}

/** Of what decides how the rows look. */
function fingerprint(size: Size): string {
  const hash = createHash('sha256').update(JSON.stringify(size));
  const files = readdirSync('migrations').map((file) => join('migrations', file));
  for (const file of [...files.sort(), 'test/support/fill.ts']) hash.update(readFileSync(file));
  return hash.digest('hex');
}
