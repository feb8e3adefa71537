// What the database itself refuses, whoever asks.
import type pg from 'pg';
import { TestApp } from '../support/app.js';
import { inDays, type Person, World } from '../support/world.js';

const CHECK = '23514';
const UNIQUE = '23505';
const FOREIGN_KEY = '23503';
const EXCLUSION = '23P01';
const FINAL = '23000';

describe('the database refuses', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenant: Person;
  let placeId: string;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    [owner, tenant] = await Promise.all([world.landlord(), world.tenant()]);
    placeId = (await world.place(owner)).id;
  });

  afterAll(() => app.stop());

  async function stateOf(sql: string, values: unknown[] = []): Promise<string | undefined> {
    try {
      await app.sql.query(sql, values);
      return undefined;
    } catch (error) {
      return (error as pg.DatabaseError).code;
    }
  }

  it('two ACTIVE stays that overlap, and takes those that touch', async () => {
    const place = await world.place(owner);
    const first = await world.book(tenant, owner, place.id, inDays(10), inDays(13));
    const second = await world.book(tenant, owner, place.id, inDays(13), inDays(16));
    const move = (by: number) =>
      stateOf('UPDATE booking SET check_in = check_in + $2::int WHERE id = $1', [second.id, by]);
    expect(await move(-1)).toBe(EXCLUSION);
    expect(await move(1)).toBeUndefined();
    expect(
      await stateOf('UPDATE booking SET check_out = check_out + 1 WHERE id = $1', [first.id]),
    ).toBeUndefined();
  });

  it('the same e-mail address or id in both user partitions', async () => {
    const { rows } = await app.sql.query<{ email_index: Buffer }>(
      'SELECT email_index FROM user_key WHERE id = $1',
      [owner.id],
    );
    const insert = `WITH k AS (INSERT INTO user_key (id, role, email_index) VALUES ($1, 'TENANT', $2) RETURNING *)
      INSERT INTO users (id, role, email_sealed, password_hash, display_name) SELECT id, role, email_index, 'x', 'x' FROM k`;
    const fresh = '01890c5e-6f2a-7c3b-9d4e-0123456789ab';
    const newEmail = Buffer.from('another fingerprint');
    expect(await stateOf(insert, [fresh, rows[0]?.email_index])).toBe(UNIQUE);
    expect(await stateOf(insert, [owner.id, newEmail])).toBe(UNIQUE);
    const unregistered = `INSERT INTO users (id, role, email_sealed, password_hash, display_name) VALUES ($1, 'TENANT', 'x', 'x', 'x')`;
    expect(await stateOf(unregistered, [fresh])).toBe(FOREIGN_KEY);
    expect(await stateOf(unregistered, [owner.id])).toBe(FOREIGN_KEY);
    expect(await stateOf(insert, [fresh, newEmail])).toBeUndefined();
  });

  it('a place of a tenant, a booking of a landlord, a stay that belongs to another owner', async () => {
    const group = `INSERT INTO place_group (id, owner_id, city_id, copies) VALUES (gen_random_uuid(), $1, $2, 1) RETURNING id`;
    const { rows } = await app.sql.query<{ id: string }>(group, [tenant.id, await world.city()]);
    const place = `INSERT INTO place (id, place_copy_id, copy_number, owner_id, city_id, title, description, address_sealed, nightly_amount, currency, max_guests)
      VALUES (gen_random_uuid(), $1, 1, $2, $3, 't', 'd', 'a', 1, 'USD', 1)`;
    expect(await stateOf(place, [rows[0]?.id, tenant.id, await world.city()])).toBe(FOREIGN_KEY);
    const booking = `WITH k AS (INSERT INTO booking_key (id, status) VALUES (gen_random_uuid(), 'PENDING') RETURNING *)
      INSERT INTO booking (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency)
      SELECT id, status, $1, $2, $3, '2030-01-01', '2030-01-02', 1, 1, 'USD' FROM k`;
    expect(await stateOf(booking, [placeId, owner.id, owner.id])).toBe(FOREIGN_KEY);
    expect(await stateOf(booking, [placeId, tenant.id, tenant.id])).toBe(FOREIGN_KEY);
    expect(await stateOf(booking, [placeId, owner.id, tenant.id])).toBeUndefined();
  });

  it('the same booking id twice, over all partitions', async () => {
    const { id } = await world.ask(tenant, placeId);
    const copy = `INSERT INTO booking (id, status, place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency, cancelled_at, cancelled_by)
      SELECT id, 'CANCELLED', place_id, landlord_id, tenant_id, check_in, check_out, guests, total_amount, currency, now(), 'TENANT' FROM booking WHERE id = $1`;
    expect(await stateOf(copy, [id])).toBe(FOREIGN_KEY);
    expect(await stateOf(`INSERT INTO booking_key (id, status) VALUES ($1, 'CANCELLED')`, [id])).toBe(UNIQUE);
  });

  it('any change of a completed or cancelled booking', async () => {
    const guest = await world.tenant();
    const other = await world.place(owner);
    for (const status of ['COMPLETED', 'CANCELLED']) {
      const { id } = await world.bookingIn(status, guest, owner, other.id);
      expect(await stateOf('UPDATE booking SET note = $2 WHERE id = $1', [id, 'x'])).toBe(FINAL);
      expect(await stateOf('DELETE FROM booking WHERE id = $1', [id])).toBe(FINAL);
      expect(await stateOf(`UPDATE booking SET status = 'ACTIVE' WHERE id = $1`, [id])).toBe(FINAL);
      expect(await stateOf(`UPDATE booking_key SET status = 'ACTIVE' WHERE id = $1`, [id])).toBe(FOREIGN_KEY);
    }
  });

  it('a review of a stay that is not completed, and a second one', async () => {
    const guest = await world.tenant();
    const place = await world.place(owner);
    const insert = `INSERT INTO review (id, booking_id, place_id, place_copy_id, reviewer_id, rating, comment) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, 'x')`;
    const { id: pending } = await world.ask(guest, place.id, inDays(20), inDays(22));
    const values = (id: string, rating = 5) => [id, place.id, place.placeCopyId, guest.id, rating];
    expect(await stateOf(insert, values(pending))).toBe(FOREIGN_KEY);
    const { id: completed } = await world.completed(guest, owner, place.id);
    expect(await stateOf(insert, values(completed, 6))).toBe(CHECK);
    expect(await stateOf(insert, values(completed))).toBeUndefined();
    expect(await stateOf(insert, values(completed))).toBe(UNIQUE);
  });

  it('a sequence twice, and the same event twice', async () => {
    await world.ask(tenant, placeId);
    const { rows } = await app.sql.query(
      'SELECT * FROM notification WHERE recipient_id = $1 ORDER BY sequence DESC LIMIT 1',
      [owner.id],
    );
    const copy = (
      changes: string,
    ) => `INSERT INTO notification (recipient_id, sequence, id, type, message, booking_id, booking_version, place_id, booking_status, check_in, check_out)
      SELECT recipient_id, ${changes}, place_id, booking_status, check_in, check_out FROM notification WHERE id = $1`;
    const { id } = rows[0] as { id: string };
    expect(await stateOf(copy('sequence, gen_random_uuid(), type, message, booking_id, 99'), [id])).toBe(
      UNIQUE,
    );
    expect(
      await stateOf(copy('sequence + 1000, gen_random_uuid(), type, message, booking_id, booking_version'), [
        id,
      ]),
    ).toBe(UNIQUE);
  });

  it('numbers out of range and timestamps that contradict the status', async () => {
    const { id } = await world.ask(tenant, placeId);
    const set = (assignment: string) => stateOf(`UPDATE booking SET ${assignment} WHERE id = $1`, [id]);
    expect(await set('check_out = check_in')).toBe(CHECK);
    expect(await set('check_out = check_in + 366')).toBe(CHECK);
    expect(await set('guests = 0')).toBe(CHECK);
    expect(await set('total_amount = 0')).toBe(CHECK);
    expect(await set('activated_at = now()')).toBe(CHECK);
    expect(await set('completed_at = now()')).toBe(CHECK);
    expect(await set('cancelled_at = now()')).toBe(CHECK);
    expect(await stateOf('UPDATE place SET nightly_amount = 0 WHERE id = $1', [placeId])).toBe(CHECK);
    expect(await stateOf('UPDATE place SET max_guests = 101 WHERE id = $1', [placeId])).toBe(CHECK);
    expect(
      await stateOf('UPDATE place_group SET rating_sum = 6, review_count = 1 WHERE owner_id = $1', [
        owner.id,
      ]),
    ).toBe(CHECK);
  });

  it('the same copyNumber twice in a group, and the same name twice in a country', async () => {
    const copies = await world.places(owner, { copies: 2 });
    expect(await stateOf('UPDATE place SET copy_number = 1 WHERE id = $1', [copies[1]?.id])).toBe(UNIQUE);
    const insert = `INSERT INTO city (id, name, folded_name, country, time_zone) SELECT gen_random_uuid(), 'x', folded_name, country, time_zone FROM city LIMIT 1`;
    expect(await stateOf(insert)).toBe(UNIQUE);
  });
});
