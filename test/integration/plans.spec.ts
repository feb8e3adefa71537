// Plans on a filled database: the application's own statements use the index that is there for them, read one
// partition where the key is known, and never a whole table. Every index is used by at least one of them.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { NotificationRepository } from '../../src/modules/notification/notification.repository.js';
import { TestApp } from '../support/app.js';
import { fill } from '../support/fill.js';
import { cloneDatabase } from '../support/services.js';
import { type Statement, statementsOf } from '../support/statements.js';
import { inDays, type Person, World } from '../support/world.js';

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Plan[];
  'Subplans Removed'?: number;
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** Small by nature; reading them whole is the right plan. */
const SMALL = /^(schema_migration)$/;

describe('plans', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenant: Person;
  let placeId: string;
  let placeCopyId: string;
  let cityId: string;
  let client: pg.Client;
  const used = new Set<string>();

  beforeAll(async () => {
    const url = await cloneDatabase();
    await fill(url, {
      cities: 20_000,
      landlords: 1000,
      tenants: 3000,
      places: 4000,
      bookings: 40_000,
      reviews: 8000,
      notifications: 20_000,
    });
    // Background work off: its statements are asked for below.
    app = await TestApp.start({
      DATABASE_URL: url,
      WORKER: 'apart',
      DELIVERY_SWEEP_MS: '60000',
      SESSION_WATCH_MS: '1000',
    });
    world = new World(app);
    [owner, tenant] = await Promise.all([world.landlord(), world.tenant()]);
    cityId = await world.addCity(owner);
    const place = await world.place(owner, { cityId });
    [placeId, placeCopyId] = [place.id, place.placeCopyId];
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('ANALYZE');
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await app.stop();
  });

  async function planOf({ text, values }: Statement): Promise<Plan> {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (FORMAT JSON) ${text}`, [
      ...values,
    ]);
    return (rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan;
  }

  /** Indexes and tables that the statements of `work` read; none of them whole. */
  async function read(work: () => Promise<unknown>): Promise<{ indexes: string[]; tables: string[] }> {
    const statements = (await statementsOf(work)).filter(({ text }) =>
      /^\s*(WITH|SELECT|UPDATE|INSERT|DELETE)/.test(text),
    );
    expect(statements.length).toBeGreaterThan(0);
    const all = [];
    for (const statement of statements) all.push(...nodes(await planOf(statement)));
    const whole = all.filter(
      (node) => node['Node Type'] === 'Seq Scan' && !SMALL.test(node['Relation Name'] ?? ''),
    );
    expect(whole.map((node) => node['Relation Name'])).toEqual([]);
    const indexes = [...new Set(all.flatMap((node) => node['Index Name'] ?? []))];
    for (const index of indexes) used.add(index);
    return { indexes, tables: [...new Set(all.flatMap((node) => node['Relation Name'] ?? []))] };
  }

  const run = (operation: string, args: Record<string, unknown>, by?: Person, selection?: string) => () =>
    app.api.must(operation, args, by?.token, selection);

  it.each([
    ['getCities', () => run('getCities', {}), ['city_page_index']],
    ['getCities, found', () => run('getCities', { search: 'a87ff679' }), ['city_search_index']],
    ['getProfiles', () => run('getProfiles', {}), ['profile_newest_index']],
    ['getProfiles of a role', () => run('getProfiles', { role: 'TENANT' }), ['profile_role_newest_index']],
    ['searchPlaces', () => run('searchPlaces', {}), ['place_group_newest_index', 'place_copy_unique']],
    [
      'searchPlaces in a city',
      () => run('searchPlaces', { filter: { cityId } }),
      ['place_group_city_newest_index'],
    ],
    [
      'searchPlaces of a landlord',
      () => run('searchPlaces', { filter: { ownerId: owner.id } }),
      ['place_group_owner_newest_index'],
    ],
    [
      'searchPlaces, free',
      () => run('searchPlaces', { filter: { checkIn: inDays(3), checkOut: inDays(9) } }),
      ['booking_active_no_overlap'],
    ],
    [
      'getBookings of a tenant',
      () => run('getBookings', {}, tenant),
      ['booking_pending_tenant_id_created_at_id_idx'],
    ],
    [
      'getBookings of a landlord',
      () => run('getBookings', {}, owner),
      ['booking_active_landlord_id_created_at_id_idx'],
    ],
    ['getBookings at a place', () => run('getBookings', { placeId }, owner), []],
    ['getReviewsByPlace', () => run('getReviewsByPlace', { placeId }), ['review_group_newest_index']],
    ['getPlaces', () => run('getPlaces', { placeCopyId }, owner), ['place_copy_unique']],
    ['getNotifications', () => run('getNotifications', {}, owner), ['notification_pkey']],
    [
      'getNotifications, unread',
      () => run('getNotifications', { unreadOnly: true }, owner, '{ unreadCount }'),
      ['notification_unread_index'],
    ],
    [
      'getUser with a profile',
      () => run('getUser', { id: owner.id }, tenant, '{ profile { phone } }'),
      ['profile_owner_unique'],
    ],
    [
      'signIn',
      () => run('signIn', { input: { email: owner.email, password: owner.password } }),
      ['user_key_email_unique', 'session_user_index'],
    ],
    [
      'refreshSession',
      () => async () => app.api.call('refreshSession', { refreshToken: owner.refreshToken }),
      ['refresh_token_pkey'],
    ],
  ])('%s', async (_, work, indexes) => {
    const found = await read(work());
    for (const index of indexes) expect(found.indexes).toContain(index);
  });

  it('a known status reads one partition', async () => {
    const { tables } = await read(run('getBookings', { status: 'ACTIVE' }, owner));
    expect(tables.filter((table) => table.startsWith('booking'))).toEqual(['booking_active']);
  });

  it('the whole life of a booking', async () => {
    const steps = await read(async () => {
      const { id } = await world.ask(tenant, placeId, inDays(0), inDays(2), { idempotencyKey: 'k' });
      await app.api.must('updatePendingBooking', { input: { id, guests: 1 } }, tenant.token);
      await world.activate(owner, id);
      await app.api.must('completeActiveBooking', { id }, owner.token);
      await app.api.must('createReview', { input: { bookingId: id, rating: 5, comment: 'x' } }, tenant.token);
      await app.api.must(
        'getBooking',
        { id },
        tenant.token,
        '{ review { rating } place { address } tenant { profile { phone } } }',
      );
      await app.api.must('markNotificationsRead', {}, owner.token);
    });
    expect(steps.indexes).toEqual(expect.arrayContaining(['booking_request_pkey', 'review_booking_unique']));
  });

  it('what runs in the background', async () => {
    const background: Statement[] = [
      {
        text: `SELECT id FROM session WHERE revoked_at > now() - $1 * interval '1 millisecond'`,
        values: [20_000],
      },
      {
        text: `SELECT n.recipient_id FROM notification n WHERE n.delivered_at IS NULL AND n.recipient_id > $1 ORDER BY n.recipient_id LIMIT 1`,
        values: [owner.id],
      },
    ];
    for (const statement of background) {
      for (const node of nodes(await planOf(statement))) {
        expect(node['Node Type']).not.toBe('Seq Scan');
        if (node['Index Name'] !== undefined) used.add(node['Index Name']);
      }
    }
    const notifications = app.nest.get(NotificationRepository, { strict: false });
    await read(() => notifications.removeOld(180, 500));
    await read(() => notifications.findServed([owner.id]));
    await read(() => notifications.findStates([owner.id]));
    expect([...used]).toEqual(
      expect.arrayContaining([
        'session_revoked_index',
        'notification_undelivered_index',
        'notification_removable_index',
      ]),
    );
  });

  it('every index is used by one of these, and listed in docs/indexes.md', async () => {
    const { rows } = await client.query<{ name: string; parent: string | null }>(
      `SELECT i.relname AS name, p.relname AS parent
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
       LEFT JOIN pg_inherits h ON h.inhrelid = i.oid LEFT JOIN pg_class p ON p.oid = h.inhparent
       WHERE i.relnamespace = 'public'::regnamespace AND i.relkind = 'i'
         AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)`,
    );
    const names = rows.map(({ name, parent }) => parent ?? name);
    const usedNames = new Set(
      [...used].map((index) => rows.find(({ name }) => name === index)?.parent ?? index),
    );
    // Serves ON DELETE CASCADE, which no plan shows.
    usedNames.add('refresh_token_session_index');
    expect([...new Set(names)].filter((name) => !usedNames.has(name)).sort()).toEqual([]);
    const page = readFileSync('docs/indexes.md', 'utf8');
    expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
