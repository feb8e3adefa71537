// The booking lifecycle: every row of the table, in every status, for every caller.
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, World } from '../support/world.js';

const STATUSES = ['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED'] as const;
type Status = (typeof STATUSES)[number];
type CallerKind = 'tenant' | 'owner' | 'otherTenant' | 'otherLandlord';
const CALLERS: CallerKind[] = ['tenant', 'owner', 'otherTenant', 'otherLandlord'];

/** The table once more, written down from the rules and not taken from the code. */
const TABLE: Record<string, { from: Status; to: Status; by: CallerKind[]; tells: string }> = {
  updatePendingBooking: { from: 'PENDING', to: 'PENDING', by: ['tenant'], tells: 'UPDATE_BOOKING' },
  activatePendingBooking: { from: 'PENDING', to: 'ACTIVE', by: ['owner'], tells: 'ACTIVATE_BOOKING' },
  cancelPendingBooking: {
    from: 'PENDING',
    to: 'CANCELLED',
    by: ['tenant', 'owner'],
    tells: 'CANCEL_BOOKING',
  },
  cancelActiveBooking: { from: 'ACTIVE', to: 'CANCELLED', by: ['tenant', 'owner'], tells: 'CANCEL_BOOKING' },
  completeActiveBooking: { from: 'ACTIVE', to: 'COMPLETED', by: ['owner'], tells: 'COMPLETE_BOOKING' },
};

describe('the booking lifecycle', () => {
  let app: TestApp;
  let world: World;
  let people: Record<CallerKind, Person>;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    const [tenant, owner, otherTenant, otherLandlord] = await Promise.all([
      world.tenant(),
      world.landlord(),
      world.tenant(),
      world.landlord(),
    ]);
    people = { tenant, owner, otherTenant, otherLandlord };
  });

  afterAll(() => app.stop());

  const argsOf = (operation: string, id: string) =>
    operation === 'updatePendingBooking' ? { input: { id, guests: 1 } } : { id };

  async function newestNotification({ token }: Person): Promise<Json> {
    const { nodes } = await app.api.must(
      'getNotifications',
      { first: 1 },
      token,
      '{ nodes { type sequence booking { id } } }',
    );
    return nodes[0];
  }

  describe.each(Object.entries(TABLE))('%s', (operation, { from, to, by, tells }) => {
    describe.each(STATUSES)('of a %s booking', (status) => {
      it.each(CALLERS)('by %s', async (caller) => {
        const { tenant, owner } = people;
        const place = await world.place(owner);
        const before = await world.bookingIn(status, tenant, owner, place.id);
        const reply = await app.api.call(operation, argsOf(operation, before.id), people[caller].token);
        const after = await app.api.must('getBooking', { id: before.id }, tenant.token);
        if (!by.includes(caller)) {
          expect(reply).toMatchObject({ status: 'FORBIDDEN', code: 'NOT_YOURS', data: null });
          expect(after).toMatchObject({ status, version: before.version });
        } else if (status !== from) {
          expect(reply).toMatchObject({ status: 'CONFLICT', code: 'ILLEGAL_TRANSITION', data: null });
          expect(reply.message).toContain(status);
          expect(after).toMatchObject({ status, version: before.version });
        } else {
          expect(reply).toMatchObject({
            status: 'OK',
            data: { status: to, version: Number(before.version) + 1 },
          });
          expect(after).toEqual(reply.data);
          const other = caller === 'tenant' ? owner : tenant;
          expect(await newestNotification(other)).toMatchObject({ type: tells, booking: { id: before.id } });
        }
      });
    });
  });

  it('says when, by whom and why', async () => {
    const { tenant, owner } = people;
    const place = await world.place(owner);
    const active = await world.book(tenant, owner, place.id);
    expect(active).toMatchObject({
      activatedAt: expect.any(String),
      completedAt: null,
      cancelledAt: null,
      cancelledBy: null,
    });
    const cancelled = await app.api.must(
      'cancelActiveBooking',
      { id: active.id, reason: ' Flood. ' },
      owner.token,
    );
    expect(cancelled).toMatchObject({
      activatedAt: active.activatedAt,
      cancelledAt: expect.any(String),
      cancelledBy: 'LANDLORD',
      cancellationReason: 'Flood.',
      completedAt: null,
    });
    const { id } = await world.ask(tenant, place.id);
    expect(await app.api.must('cancelPendingBooking', { id }, tenant.token)).toMatchObject({
      cancelledBy: 'TENANT',
      cancellationReason: null,
      activatedAt: null,
    });
  });

  describe('dates', () => {
    it('a request may begin today, not yesterday, and at most two years ahead', async () => {
      const { tenant, owner } = people;
      const { id: placeId } = await world.place(owner);
      const ask = (checkIn: string, checkOut: string) =>
        app.api.call(
          'createPendingBooking',
          { input: { placeId, checkIn, checkOut, guests: 1 } },
          tenant.token,
        );
      expect((await ask(inDays(0), inDays(1))).status).toBe('CREATED');
      expect(await ask(inDays(-1), inDays(1))).toMatchObject({
        code: 'INVALID_INPUT',
        fieldErrors: [{ path: 'checkIn' }],
      });
      const twoYears = `${Number(inDays(0).slice(0, 4)) + 2}${inDays(0).slice(4)}`;
      const dayAfter = new Date(Date.parse(twoYears) + 86_400_000).toISOString().slice(0, 10);
      const later = new Date(Date.parse(twoYears) + 2 * 86_400_000).toISOString().slice(0, 10);
      expect((await ask(twoYears, dayAfter)).status).toBe('CREATED');
      expect(await ask(dayAfter, later)).toMatchObject({
        code: 'INVALID_INPUT',
        fieldErrors: [{ path: 'checkIn' }],
      });
    });

    it('today is the date in the time zone of the place', async () => {
      const { tenant, owner } = people;
      // 26 hours apart: whenever this runs, it is not the same day in both.
      const [east, west] = [
        await world.addCity(owner, { timeZone: 'Pacific/Kiritimati' }),
        await world.addCity(owner, { timeZone: 'Etc/GMT+12' }),
      ];
      const today = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
      const todayWest = today('Etc/GMT+12');
      expect(todayWest).not.toBe(today('Pacific/Kiritimati'));
      const ask = async (cityId: string) => {
        const { id: placeId } = await world.place(owner, { cityId });
        return app.api.call(
          'createPendingBooking',
          { input: { placeId, checkIn: todayWest, checkOut: inDays(5), guests: 1 } },
          tenant.token,
        );
      };
      expect((await ask(west)).status).toBe('CREATED');
      expect(await ask(east)).toMatchObject({ code: 'INVALID_INPUT', fieldErrors: [{ path: 'checkIn' }] });
    });

    it('activating is possible up to the first day, completing from the first day on', async () => {
      const { tenant, owner } = people;
      const { id: placeId } = await world.place(owner);
      const late = await world.ask(tenant, placeId, inDays(0), inDays(3));
      await world.shift(late.id, -1);
      expect(await app.api.call('activatePendingBooking', { id: late.id }, owner.token)).toMatchObject({
        status: 'CONFLICT',
        code: 'TOO_LATE',
      });
      const onTime = await world.book(tenant, owner, placeId, inDays(0), inDays(3));
      await world.shift(onTime.id, 1);
      expect(await app.api.call('completeActiveBooking', { id: onTime.id }, owner.token)).toMatchObject({
        status: 'CONFLICT',
        code: 'TOO_EARLY',
      });
      await world.shift(onTime.id, -1);
      expect((await app.api.call('completeActiveBooking', { id: onTime.id }, owner.token)).status).toBe('OK');
    });

    it('pending stays may overlap, active ones never; back to back is fine', async () => {
      const { tenant, otherTenant, owner } = people;
      const { id: placeId } = await world.place(owner);
      const first = await world.ask(tenant, placeId, inDays(10), inDays(13));
      const overlapping = await world.ask(otherTenant, placeId, inDays(12), inDays(14));
      const next = await world.ask(otherTenant, placeId, inDays(13), inDays(15));
      const before = await world.ask(otherTenant, placeId, inDays(9), inDays(10));
      await world.activate(owner, first.id);
      expect(await app.api.call('activatePendingBooking', { id: overlapping.id }, owner.token)).toMatchObject(
        { status: 'CONFLICT', code: 'DATES_TAKEN' },
      );
      expect((await app.api.must('getBooking', { id: overlapping.id }, otherTenant.token)).status).toBe(
        'PENDING',
      );
      await world.activate(owner, next.id);
      await world.activate(owner, before.id);
      const input = { placeId, checkIn: inDays(11), checkOut: inDays(12), guests: 1 };
      expect(await app.api.call('createPendingBooking', { input }, tenant.token)).toMatchObject({
        code: 'DATES_TAKEN',
      });
      await app.api.must('cancelActiveBooking', { id: first.id }, tenant.token);
      expect((await app.api.call('createPendingBooking', { input }, tenant.token)).status).toBe('CREATED');
    });
  });

  describe('changing a request', () => {
    it('changes what is given, prices it anew, and leaves the rest', async () => {
      const { tenant, owner } = people;
      const place = await world.place(owner, { nightlyPrice: { amount: 1000, currency: 'USD' } });
      const booking = await world.ask(tenant, place.id, inDays(10), inDays(13), { note: 'Hello' });
      const fields = '{ checkIn checkOut nights guests note total { amount currency } version }';
      expect((await app.api.must('getBooking', { id: booking.id }, tenant.token, fields)).total).toEqual({
        amount: 3000,
        currency: 'USD',
      });
      await app.api.must(
        'updatePlace',
        { input: { id: place.id, nightlyPrice: { amount: 7, currency: 'EUR' } } },
        owner.token,
      );
      expect((await app.api.must('getBooking', { id: booking.id }, tenant.token, fields)).total).toEqual({
        amount: 3000,
        currency: 'USD',
      });
      const update = (input: object) =>
        app.api.must('updatePendingBooking', { input: { id: booking.id, ...input } }, tenant.token, fields);
      const unchanged = { checkIn: inDays(10), guests: 2, note: 'Hello' };
      expect(await update({ checkOut: inDays(12) })).toMatchObject({
        ...unchanged,
        checkOut: inDays(12),
        nights: 2,
        total: { amount: 14, currency: 'EUR' },
        version: 2,
      });
      expect(await update({ note: null })).toMatchObject({ note: null, version: 3 });
    });

    it('is checked like a new request, listed or not', async () => {
      const { tenant, owner } = people;
      const place = await world.place(owner, { maxGuests: 2 });
      const booking = await world.ask(tenant, place.id);
      await app.api.must('updatePlace', { input: { id: place.id, listed: false } }, owner.token);
      const update = (input: object) =>
        app.api.call('updatePendingBooking', { input: { id: booking.id, ...input } }, tenant.token);
      expect((await update({ guests: 1 })).status).toBe('OK');
      expect(await update({ guests: 3 })).toMatchObject({
        code: 'INVALID_INPUT',
        fieldErrors: [{ path: 'guests' }],
      });
      expect(await update({ checkIn: inDays(14) })).toMatchObject({
        code: 'INVALID_INPUT',
        fieldErrors: [{ path: 'checkOut' }],
      });
      expect(await update({ checkIn: inDays(-1), guests: 3 })).toMatchObject({
        fieldErrors: [{ path: 'checkIn' }, { path: 'guests' }],
      });
      expect(await update({ guests: null })).toMatchObject({
        code: 'INVALID_INPUT',
        fieldErrors: [{ path: 'guests' }],
      });
    });

    it('with another version changes nothing', async () => {
      const { tenant, owner } = people;
      const place = await world.place(owner);
      const { id } = await world.ask(tenant, place.id);
      const stale = await app.api.call(
        'updatePendingBooking',
        { input: { id, guests: 1, version: 7 } },
        tenant.token,
      );
      expect(stale).toMatchObject({ status: 'CONFLICT', code: 'STALE_VERSION' });
      expect((await app.api.call('activatePendingBooking', { id, version: 2 }, owner.token)).code).toBe(
        'STALE_VERSION',
      );
      expect((await app.api.call('activatePendingBooking', { id, version: 1 }, owner.token)).status).toBe(
        'OK',
      );
    });
  });

  describe('an idempotency key', () => {
    it('answers the first booking as it now is, and tells nobody twice', async () => {
      const { tenant, otherTenant, owner } = people;
      const { id: placeId } = await world.place(owner);
      const input = {
        placeId,
        checkIn: inDays(10),
        checkOut: inDays(12),
        guests: 2,
        note: ' Hi ',
        idempotencyKey: 'a key',
      };
      const create = (changes: object = {}, by = tenant) =>
        app.api.call('createPendingBooking', { input: { ...input, ...changes } }, by.token);
      const first = await create();
      const sequence = (await newestNotification(owner)).sequence;
      expect(await create()).toEqual(first);
      expect(await create({ note: 'Hi', tenantId: tenant.id, placeId: placeId.toUpperCase() })).toEqual(
        first,
      );
      await world.activate(owner, first.data.id);
      expect(await create()).toMatchObject({
        status: 'CREATED',
        data: { id: first.data.id, status: 'ACTIVE', version: 2 },
      });
      expect((await newestNotification(owner)).sequence).toBe(sequence);
      expect(await create({ guests: 1 })).toMatchObject({ status: 'CONFLICT', code: 'IDEMPOTENCY_MISMATCH' });
      const others = await create({ checkIn: inDays(20), checkOut: inDays(21) }, otherTenant);
      expect(others).toMatchObject({ status: 'CREATED' });
      expect(others.data.id).not.toBe(first.data.id);
    });

    it('is not claimed by a refused try', async () => {
      const { tenant, owner } = people;
      const { id: placeId } = await world.place(owner, { maxGuests: 1 });
      const create = (guests: number) =>
        app.api.call(
          'createPendingBooking',
          { input: { placeId, checkIn: inDays(1), checkOut: inDays(2), guests, idempotencyKey: 'once' } },
          tenant.token,
        );
      expect((await create(2)).code).toBe('INVALID_INPUT');
      expect((await create(1)).status).toBe('CREATED');
    });

    it('comes before the state of the place', async () => {
      const { tenant, owner } = people;
      const { id: placeId } = await world.place(owner);
      const input = { placeId, checkIn: inDays(1), checkOut: inDays(2), guests: 1, idempotencyKey: 'early' };
      const first = await app.api.must('createPendingBooking', { input }, tenant.token);
      await app.api.must('updatePlace', { input: { id: placeId, listed: false } }, owner.token);
      expect((await app.api.must('createPendingBooking', { input }, tenant.token)).id).toBe(first.id);
      expect(
        (
          await app.api.call(
            'createPendingBooking',
            { input: { ...input, idempotencyKey: 'late' } },
            tenant.token,
          )
        ).code,
      ).toBe('NOT_LISTED');
    });
  });
});
