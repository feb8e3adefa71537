// Everything that can race, raced by 50 clients.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, Reply } from '../support/api.js';
import { NotificationRepository } from '../../src/modules/notification/notification.repository.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

const CLIENTS = 50;

describe('races of 50 clients', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenants: Person[];

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    owner = await world.landlord();
    tenants = await Promise.all(Array.from({ length: 10 }, () => world.tenant()));
  });

  afterAll(() => app.stop());

  /** All at once; no answer may be a fault or an excuse. */
  async function race(call: (n: number) => Promise<Reply<Json>>): Promise<Reply<Json>[]> {
    const replies = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => call(n)));
    expect(replies.filter(({ status }) => status === 'INTERNAL' || status === 'UNAVAILABLE')).toEqual([]);
    return replies;
  }

  const tenant = (n: number) => tenants[n % tenants.length] as Person;
  const wins = (replies: Reply<Json>[]) => replies.filter(({ code }) => code === null);
  const codes = (replies: Reply<Json>[]) => [...new Set(replies.map(({ code }) => code))].sort();

  async function count(sql: string, values: unknown[]): Promise<number> {
    return Number(
      (await app.sql.query<{ count: string }>(`SELECT count(*) FROM ${sql}`, values)).rows[0]?.count,
    );
  }

  it('for one place: of 50 overlapping requests one becomes ACTIVE', async () => {
    const { id: placeId } = await world.place(owner);
    const asked = await race((n) =>
      app.api.call(
        'createPendingBooking',
        { input: { placeId, checkIn: inDays(10 + (n % 3)), checkOut: inDays(14), guests: 1 } },
        tenant(n).token,
      ),
    );
    expect(wins(asked)).toHaveLength(CLIENTS);
    const replies = await race((n) =>
      app.api.call('activatePendingBooking', { id: asked[n]?.data.id }, owner.token),
    );
    expect(wins(replies)).toHaveLength(1);
    expect(codes(replies)).toEqual(['DATES_TAKEN', null].sort());
    expect(await count('booking_active WHERE place_id = $1', [placeId])).toBe(1);
    expect(await count('booking_pending WHERE place_id = $1', [placeId])).toBe(CLIENTS - 1);
  });

  it.each([
    ['activate and cancel', ['activatePendingBooking', 'cancelPendingBooking']],
    [
      'activate, cancel twice and complete',
      ['activatePendingBooking', 'cancelPendingBooking', 'cancelActiveBooking', 'completeActiveBooking'],
    ],
    ['update and activate', ['updatePendingBooking', 'activatePendingBooking']],
  ])('for one booking, %s: one legal path, one notification a step', async (_, operations) => {
    for (let round = 0; round < 4; round++) {
      const { id: placeId } = await world.place(owner);
      const booker = await world.tenant();
      const { id } = await world.ask(booker, placeId, inDays(0), inDays(2));
      const replies = await race((n) => {
        const operation = operations[n % operations.length] as string;
        const args = operation === 'updatePendingBooking' ? { input: { id, guests: 1 } } : { id };
        const by =
          operation === 'updatePendingBooking' || operation === 'cancelPendingBooking' ? booker : owner;
        return app.api.call(operation, args, by.token);
      });
      expect(codes(replies).filter((code) => code !== null)).toEqual(['ILLEGAL_TRANSITION']);
      const final = await app.api.must('getBooking', { id }, booker.token);
      const steps = wins(replies).map(({ data }) => data);
      // Every success raised the version by one, from 1 on.
      expect(steps.map(({ version }) => version as number).sort((a, b) => a - b)).toEqual(
        steps.map((__, step) => step + 2),
      );
      expect(final.version).toBe(steps.length + 1);
      expect(steps.map(({ status }) => status as string)).toContain(final.status);
      expect(await count('notification WHERE booking_id = $1', [id])).toBe(steps.length + 1);
      expect(await count('booking WHERE id = $1', [id])).toBe(1);
      expect(await count('booking_key WHERE id = $1 AND status = $2', [id, final.status])).toBe(1);
    }
  });

  it('for one idempotency key: one booking, one notification, the same answer to all', async () => {
    const booker = await world.tenant();
    const landlord = await world.landlord();
    const { id: placeId } = await world.place(landlord);
    const input = {
      placeId,
      checkIn: inDays(10),
      checkOut: inDays(12),
      guests: 1,
      idempotencyKey: 'the key',
    };
    const replies = await race(() => app.api.call('createPendingBooking', { input }, booker.token));
    expect(wins(replies)).toHaveLength(CLIENTS);
    expect(new Set(replies.map(({ status, data }) => `${status} ${data.id}`)).size).toBe(1);
    expect(await count('booking WHERE tenant_id = $1', [booker.id])).toBe(1);
    expect(await count('notification WHERE recipient_id = $1', [landlord.id])).toBe(1);
  });

  it('for one idempotency key with two inputs: one wins, the other mismatches', async () => {
    const booker = await world.tenant();
    const { id: placeId } = await world.place(owner);
    const replies = await race((n) =>
      app.api.call(
        'createPendingBooking',
        {
          input: {
            placeId,
            checkIn: inDays(10),
            checkOut: inDays(12),
            guests: 1 + (n % 2),
            idempotencyKey: 'k',
          },
        },
        booker.token,
      ),
    );
    expect(wins(replies)).toHaveLength(CLIENTS / 2);
    expect(codes(replies)).toEqual(['IDEMPOTENCY_MISMATCH', null].sort());
    expect(await count('booking WHERE tenant_id = $1', [booker.id])).toBe(1);
  });

  it('for one e-mail address, in two spellings and two roles: one user', async () => {
    const email = `${uniqueText()}@example.com`;
    const replies = await race((n) =>
      app.api.call('signUp', {
        input: {
          email: n % 2 ? email : email.toUpperCase(),
          password: 'long enough',
          role: n % 3 ? 'TENANT' : 'LANDLORD',
          displayName: 'x',
        },
      }),
    );
    expect(wins(replies)).toHaveLength(1);
    expect(codes(replies)).toEqual(['EMAIL_TAKEN', null].sort());
  });

  it('for one refresh token: one new session at most, and the replays end it', async () => {
    const { refreshToken, token } = await world.tenant();
    const replies = await race(() => app.api.call('refreshSession', { refreshToken }));
    expect(wins(replies)).toHaveLength(1);
    expect(codes(replies)).toEqual(['SESSION_EXPIRED', null].sort());
    const fresh = wins(replies)[0]?.data.refreshToken as string;
    expect((await app.api.call('refreshSession', { refreshToken: fresh })).code).toBe('SESSION_EXPIRED');
    expect((await app.api.call('verifyUser', {}, token)).code).toBe('SESSION_EXPIRED');
  });

  it('for one review, one profile and one city: one of each', async () => {
    const booker = await world.tenant();
    const place = await world.place(owner);
    const { id: bookingId } = await world.completed(booker, owner, place.id);
    const reviews = await race(() =>
      app.api.call('createReview', { input: { bookingId, rating: 3, comment: 'ok' } }, booker.token),
    );
    expect(wins(reviews)).toHaveLength(1);
    expect(codes(reviews)).toEqual(['REVIEW_EXISTS', null].sort());
    expect(await app.api.must('getPlace', { id: place.id })).toMatchObject({
      reviewCount: 1,
      averageRating: 3,
    });

    const profiles = await race(() =>
      app.api.call('createProfile', { input: { fullName: 'x' } }, booker.token),
    );
    expect(wins(profiles)).toHaveLength(1);
    expect(codes(profiles)).toEqual(['PROFILE_EXISTS', null].sort());

    const name = uniqueText('Đường ');
    const cities = await race((n) =>
      app.api.call(
        'addCity',
        { input: { name: n % 2 ? name : name.toUpperCase(), country: 'VN', timeZone: 'Asia/Ho_Chi_Minh' } },
        owner.token,
      ),
    );
    expect(wins(cities)).toHaveLength(1);
    expect(codes(cities)).toEqual(['CITY_EXISTS', null].sort());
  });

  it('for the number of copies: each copyNumber once, and never too many', async () => {
    const [place] = await world.places(owner, { copies: 2 });
    const replies = await race((n) =>
      app.api.call('updatePlace', { input: { id: place.id, copies: 3 + (n % 5) } }, owner.token),
    );
    expect(codes(replies).filter((code) => code !== null && code !== 'INVALID_INPUT')).toEqual([]);
    const copies = await app.api.must('getPlaces', { placeCopyId: place.placeCopyId }, owner.token);
    expect(copies.map(({ copyNumber }: Json) => copyNumber)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(copies[0].copies).toBe(7);
  });

  it('for one version of a place: one change', async () => {
    const place = await world.place(owner);
    const replies = await race((n) =>
      app.api.call('updatePlace', { input: { id: place.id, title: `title ${n}`, version: 1 } }, owner.token),
    );
    expect(wins(replies)).toHaveLength(1);
    expect(codes(replies)).toEqual(['STALE_VERSION', null].sort());
  });

  it('of reviews of one group: the count and the average are exact', async () => {
    const copies = await world.places(owner, { copies: tenants.length });
    const stays = await Promise.all(tenants.map((booker, n) => world.completed(booker, owner, copies[n].id)));
    const replies = await race((n) =>
      app.api.call(
        'createReview',
        { input: { bookingId: stays[n % 10].id, rating: 1 + (n % 5), comment: 'x' } },
        tenant(n).token,
      ),
    );
    expect(wins(replies)).toHaveLength(tenants.length);
    expect(await app.api.must('getPlace', { id: copies[0].id })).toMatchObject({
      reviewCount: 10,
      averageRating: 3,
    });
  });

  it('of everything a landlord and tenants do at once: sequences stay without gaps', async () => {
    const landlord = await world.landlord();
    const places = await Promise.all(Array.from({ length: 5 }, () => world.place(landlord)));
    await race(async (n) => {
      const by = tenant(n);
      const { id } = await world.ask(by, places[n % 5].id, inDays(10 + n), inDays(11 + n));
      const reply = await app.api.call('activatePendingBooking', { id }, landlord.token);
      return n % 2 ? reply : app.api.call('cancelActiveBooking', { id }, by.token);
    });
    const { rows } = await app.sql.query<{ sequence: string }>(
      'SELECT sequence FROM notification WHERE recipient_id = $1 ORDER BY sequence',
      [landlord.id],
    );
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(rows.map((_, n) => n + 1));
    expect(rows).toHaveLength(CLIENTS + CLIENTS / 2);
  });

  it('for the same inboxes: of 50 batches of confirmations each inbox keeps the furthest', async () => {
    const owners = await Promise.all(Array.from({ length: 10 }, () => world.landlord()));
    for (const landlord of owners) {
      const { id: placeId } = await world.place(landlord);
      for (let n = 0; n < 5; n++) await world.ask(tenant(n), placeId, inDays(n + 1), inDays(n + 2));
    }
    const notifications = app.nest.get(NotificationRepository, { strict: false });
    const batches = Array.from({ length: CLIENTS }, (_, n) => {
      // Each one in another order, and on another part of the way; the last one has it all.
      const turned = [...owners.slice(n % 10), ...owners.slice(0, n % 10)];
      return turned.map(({ id }) => ({ recipientId: id, sequence: n === CLIENTS - 1 ? 5 : 1 + (n % 4) }));
    });
    const ids = owners.map(({ id }) => id);
    await notifications.acknowledge(ids.map((recipientId) => ({ recipientId, sequence: 1 })));
    // All of them are on their way before the first gets through.
    const keeper = await app.sql.connect();
    await keeper.query('BEGIN');
    await keeper.query('SELECT FROM inbox_cursor WHERE recipient_id = ANY($1) FOR UPDATE', [ids.slice(4, 6)]);
    const done = Promise.all(batches.map((batch) => notifications.acknowledge(batch)));
    await sleep(200);
    await keeper.query('COMMIT');
    keeper.release();
    await done;
    expect(await count('inbox_cursor WHERE recipient_id = ANY($1) AND acked_sequence = 5', [ids])).toBe(10);
    expect(await count('notification WHERE recipient_id = ANY($1) AND delivered_at IS NOT NULL', [ids])).toBe(
      50,
    );
  });
});
