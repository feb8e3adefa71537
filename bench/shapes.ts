// Shapes: one client asks in turns for what hangs on few rows and for what hangs on many, on the same server and data.
import { performance } from 'node:perf_hooks';
import { Client } from 'undici';
import { idOf, idSql } from '../test/support/fill.js';
import { type DataSet, run } from './data.js';
import { messageFor, mustBeGood, percentile } from './load.js';
import type { Entrant } from './measure.js';
import { answer, type Draw, type Pools, same, type Workload, WORKLOADS } from './workloads.js';

/** What hangs on one landlord, who has one group of copies, in a city of its own. */
interface Amounts {
  copies: number;
  /** Of the first copy, by turns in each status. */
  bookings: number;
  reviews: number;
  notifications: number;
  /** How many of the notifications, the newest, are not read. */
  unread: number;
}

const FEW: Amounts = { copies: 1, bookings: 20, reviews: 10, notifications: 20, unread: 20 };
/** More notifications than one answer could ever hold. */
const HEAP = 100_000;

/** Each of the others differs from the first in one respect only. */
const LANDLORDS = {
  few: FEW,
  reviewed: { ...FEW, reviews: 10_000 },
  copied: { ...FEW, copies: 200 },
  told: { ...FEW, notifications: HEAP },
  behind: { ...FEW, notifications: HEAP, unread: HEAP },
  booked: { ...FEW, bookings: 10_000 },
} satisfies Record<string, Amounts>;
type Landlord = keyof typeof LANDLORDS;

/** What is asked about the landlord with few rows and about one with many. */
interface Question {
  shape: string;
  request: string;
  large: Landlord;
  workload: Pick<Workload, 'name' | 'steps'>;
  draw: (landlord: Landlord, pools: Pools) => Draw;
}

/** The p50 of each round, in milliseconds. */
export interface ShapeResult extends Pick<Question, 'shape' | 'request'> {
  small: number[];
  large: number[];
}

/** Requests of a round for each side. */
const REQUESTS = 200;
/** The same before the first round: for the compiler, for known documents and for PostgreSQL's plans. */
const WARM_UP = 100;

const COPIES = { shape: 'copies of a place: 1, 200', large: 'copied' } as const;
const BEHIND = { shape: 'notifications of a user, all unread: 20, 100,000', large: 'behind' } as const;
const SEARCH = workload('W3');
const NEWEST = 'nodes { id message booking { id status } }';

const QUESTIONS: readonly Question[] = [
  {
    shape: 'reviews of a place: 10, 10,000',
    request: 'getPlace with owner, city, first 10 reviews (W2)',
    large: 'reviewed',
    workload: workload('W2'),
    draw: (landlord) => same({ id: placeOf(landlord) }),
  },
  {
    ...COPIES,
    request: 'getPlace with owner, city',
    workload: query(
      'getPlace',
      `query ($id: ID!) { getPlace(id: $id) ${answer('id title owner { id displayName } city { id name }')} }`,
    ),
    draw: (landlord) => same({ id: placeOf(landlord) }),
  },
  {
    ...COPIES,
    request: 'searchPlaces of the owner',
    workload: SEARCH,
    draw: (landlord) => same({ filter: { ownerId: userOf(landlord) } }),
  },
  {
    ...COPIES,
    request: 'searchPlaces in the city',
    workload: SEARCH,
    draw: (landlord) => same({ filter: { cityId: cityOf(landlord) } }),
  },
  {
    shape: 'bookings of a landlord: 20, 10,000',
    request: 'getBookings, twenty newest (W5)',
    large: 'booked',
    workload: workload('W5'),
    draw: signedIn,
  },
  {
    shape: 'notifications of a user, 20 unread: 20, 100,000',
    request: 'getNotifications, twenty newest and unreadCount',
    large: 'told',
    workload: notifications(`unreadCount ${NEWEST}`),
    draw: signedIn,
  },
  {
    ...BEHIND,
    request: 'getNotifications, twenty newest and unreadCount',
    workload: notifications(`unreadCount ${NEWEST}`),
    draw: signedIn,
  },
  {
    ...BEHIND,
    request: 'getNotifications, twenty newest alone',
    workload: notifications(NEWEST),
    draw: signedIn,
  },
  // The last one, since it leaves bookings and notifications behind.
  {
    ...COPIES,
    request: 'createPendingBooking on one copy (W4)',
    workload: workload('W4'),
    draw: (landlord, pools) =>
      same({ input: { placeId: placeOf(landlord), ...pools.stay(), guests: 1 } }, pools.tenant()),
  },
];

/** Measures all of them; the rows must have been made. */
export async function measureShapes(
  { contestant, pools }: Entrant,
  rounds: number,
  say: (sentence: string) => void,
): Promise<ShapeResult[]> {
  const client = new Client(contestant.url);
  const results: ShapeResult[] = [];
  try {
    for (const question of QUESTIONS) {
      const { shape, request } = question;
      const result: ShapeResult = { shape, request, small: [], large: [] };
      await round(question, WARM_UP);
      for (let n = 0; n < rounds; n++) {
        const { small, large } = await round(question, REQUESTS);
        result.small.push(percentile(small, 50));
        result.large.push(percentile(large, 50));
      }
      say(
        `${shape}: ${request} took ${listed(result.small)} ms with few, ${listed(result.large)} with many.`,
      );
      results.push(result);
    }
  } finally {
    await client.close();
  }
  return results;

  async function round(question: Question, count: number): Promise<{ small: number[]; large: number[] }> {
    const small: number[] = [];
    const large: number[] = [];
    for (let n = 0; n < count; n++) {
      const both = [() => time(question, 'few', small), () => time(question, question.large, large)];
      // Neither always comes after the other.
      for (const one of n % 2 === 0 ? both : both.reverse()) await one();
    }
    return { small, large };
  }

  async function time({ workload, draw }: Question, landlord: Landlord, times: number[]): Promise<void> {
    const message = messageFor(contestant, workload, 0, draw(landlord, pools));
    const sent = performance.now();
    const { statusCode, body } = await client.request(message);
    const text = await body.text();
    times.push(performance.now() - sent);
    mustBeGood(contestant, workload, statusCode, text);
  }
}

/** Makes the landlords and all that hangs on them, in one transaction; what an earlier run left behind goes first. */
export async function addShapes(data: DataSet): Promise<void> {
  await removeShapes(data);
  const rows = Object.entries(LANDLORDS).flatMap(([landlord, amounts]) =>
    rowsOf(landlord as Landlord, amounts, data),
  );
  await run(data.url, [REPLICA, [LOCK, ...rows].join(';'), 'VACUUM ANALYZE']);
}

/** Takes all of it away, also what was booked there meanwhile. */
export async function removeShapes({ url }: DataSet): Promise<void> {
  const landlords = Object.keys(LANDLORDS) as Landlord[];
  const users = list(landlords.map(userOf));
  const statements = [
    LOCK,
    ...['notification', 'inbox_cursor', 'inbox'].map(
      (table) => `DELETE FROM ${table} WHERE recipient_id IN ${users}`,
    ),
    `DELETE FROM review WHERE place_copy_id IN (SELECT id FROM place_group WHERE owner_id IN ${users})`,
    `WITH gone AS (DELETE FROM booking WHERE landlord_id IN ${users} RETURNING id)
     DELETE FROM booking_key USING gone WHERE booking_key.id = gone.id`,
    ...['place', 'place_group'].map((table) => `DELETE FROM ${table} WHERE owner_id IN ${users}`),
    `DELETE FROM city WHERE id IN ${list(landlords.map(cityOf))}`,
    ...['users', 'user_key'].map((table) => `DELETE FROM ${table} WHERE id IN ${users}`),
  ];
  await run(url, [REPLICA, statements.join(';'), 'VACUUM ANALYZE']);
}

/** Rows are consistent as far as requests see them; COMPLETED bookings refuse to go otherwise. */
const REPLICA = 'SET session_replication_role = replica';
/** Where the run is stopped while rows are being made, they are taken away once they are there. */
const LOCK = 'LOCK TABLE place_group IN EXCLUSIVE MODE';

function rowsOf(landlord: Landlord, amounts: Amounts, { size: { landlords, tenants } }: DataSet): string[] {
  const { copies, bookings, reviews, notifications, unread } = amounts;
  const nth = (n: string) => `'shape ${landlord} ' || (${n})`;
  const group = idSql('group', nth('0'));
  const [user, city, place] = [userOf, cityOf, placeOf].map((id) => `'${id(landlord)}'::uuid`);
  const tenant = idSql('user', `${landlords} + 1 + n % ${tenants}`);
  const booking = idSql('booking', nth(`n % ${bookings}`));
  const ago = `date_trunc('second', now()) - n * interval '7 seconds'`;
  return [
    `INSERT INTO user_key VALUES (${user}, 'LANDLORD', sha256('shape ${landlord}'))`,
    // What is sealed is not asked for.
    `INSERT INTO users (id, role, email_sealed, password_hash, display_name)
     VALUES (${user}, 'LANDLORD', '', 'no password', 'Shape ${landlord}')`,
    `INSERT INTO city (id, name, folded_name, country, time_zone)
     VALUES (${city}, 'Shape ${landlord}', 'shape ${landlord}', 'VN', 'Asia/Ho_Chi_Minh')`,
    `INSERT INTO place_group (id, owner_id, city_id, copies, review_count, rating_sum)
     VALUES (${group}, ${user}, ${city}, ${copies}, ${reviews}, ${reviews * 4})`,
    `INSERT INTO place (id, place_copy_id, copy_number, owner_id, city_id, title, description, address_sealed, nightly_amount, currency, max_guests)
     SELECT ${idSql('place', nth('n'))}, ${group}, n, ${user}, ${city}, 'Shape ${landlord}', repeat('Quiet, bright, near the market. ', 8), '',
            1000, 'USD', 4
     FROM generate_series(1, ${copies}) n`,
    // Of each review the booking's id alone: 10,000 reviews are not to bring 10,000 bookings along.
    `INSERT INTO review (id, booking_id, place_id, place_copy_id, reviewer_id, rating, comment, created_at)
     SELECT ${idSql('review', nth('n'))}, ${idSql('booking', nth('n'))}, ${place}, ${group}, ${tenant}, 4, 'A fine stay, we would come again.', ${ago}
     FROM generate_series(1, ${reviews}) n`,
    `CREATE TEMP TABLE planned AS
     SELECT n, (ARRAY['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED'])[1 + n % 4]::booking_status AS status
     FROM generate_series(0, ${bookings - 1}) n`,
    `INSERT INTO booking_key SELECT ${booking}, status FROM planned`,
    `INSERT INTO booking (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency, created_at,
                          activated_at, completed_at, cancelled_at, cancelled_by)
     SELECT ${booking}, status, ${place}, ${user}, ${tenant}, current_date + n * 4 + 1, current_date + n * 4 + 4, 1, 3000, 'USD', ${ago},
            CASE WHEN status IN ('ACTIVE', 'COMPLETED') THEN now() END, CASE WHEN status = 'COMPLETED' THEN now() END,
            CASE WHEN status = 'CANCELLED' THEN now() END, CASE WHEN status = 'CANCELLED' THEN 'TENANT'::actor END
     FROM planned`,
    'DROP TABLE planned',
    `INSERT INTO inbox VALUES (${user}, ${notifications})`,
    `INSERT INTO inbox_cursor VALUES (${user}, ${notifications})`,
    `INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out, delivered_at, read_at)
     SELECT ${user}, n, ${idSql('notification', nth('n'))}, 'NEW_BOOKING', 'New request.', ${booking}, 1 + n / ${bookings}, ${place},
            'PENDING', current_date, current_date + 3, now(), CASE WHEN n <= ${notifications - unread} THEN now() END
     FROM generate_series(1, ${notifications}) n`,
  ];
}

function userOf(landlord: Landlord): string {
  return idOf('user', `shape ${landlord}`);
}

function cityOf(landlord: Landlord): string {
  return idOf('city', `shape ${landlord}`);
}

/** Its first copy. */
function placeOf(landlord: Landlord): string {
  return idOf('place', `shape ${landlord} 1`);
}

function signedIn(landlord: Landlord, pools: Pools): Draw {
  return same({}, pools.tokenOf(userOf(landlord), 'LANDLORD'));
}

function workload(wanted: string): Workload {
  const found = WORKLOADS.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`There is no workload ${wanted}.`);
  return found;
}

function query(operation: string, document: string): Question['workload'] {
  return { name: operation, steps: [{ operation, path: '', document }] };
}

function notifications(fields: string): Question['workload'] {
  return query('getNotifications', `query { getNotifications(first: 20) ${answer(fields)} }`);
}

function list(ids: readonly string[]): string {
  return `(${ids.map((id) => `'${id}'`).join(', ')})`;
}

function listed(values: readonly number[]): string {
  return values.map((ms) => ms.toFixed(2)).join(', ');
}
