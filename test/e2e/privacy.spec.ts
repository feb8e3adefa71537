// E-mail, phone and address: who sees them, by whichever road.
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { type Person, World } from '../support/world.js';

describe('privacy', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenant: Person;
  let stranger: Person;
  let otherLandlord: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    [owner, tenant, stranger, otherLandlord] = await Promise.all([
      world.landlord(),
      world.tenant(),
      world.tenant(),
      world.landlord(),
    ]);
    for (const [person, phone] of [
      [owner, '+1001'],
      [tenant, '+1002'],
      [stranger, '+1003'],
    ] as const) {
      await app.api.must('createProfile', { input: { fullName: 'x', phone } }, person.token);
    }
  });

  afterAll(() => app.stop());

  describe('an e-mail address', () => {
    it('is shown to its user alone, wherever users are reached', async () => {
      const place = await world.place(owner);
      const { id: bookingId } = await world.completed(tenant, owner, place.id);
      await app.api.must('createReview', { input: { bookingId, rating: 4, comment: 'x' } }, tenant.token);
      const document = `{
        self: verifyUser { data { email } }
        owner: getUser(id: "${owner.id}") { data { email } }
        place: getPlace(id: "${place.id}") { data { owner { email } reviews { nodes { reviewer { email profile { owner { email } } } } } } }
        profiles: getProfiles(first: 100) { data { nodes { owner { id email } } } }
        bookings: getBookings { data { nodes { tenant { email } place { owner { email } } review { reviewer { email } } } } }
        notifications: getNotifications { data { nodes { booking { tenant { email } place { owner { email } } } } } }
      }`;
      const emails = async (viewer?: Person) => {
        const { data } = await app.api.post(document, {}, viewer?.token);
        return new Set([...JSON.stringify(data).matchAll(/"email":"([^"]+)"/g)].map(([, email]) => email));
      };
      expect(await emails()).toEqual(new Set());
      expect(await emails(stranger)).toEqual(new Set([stranger.email]));
      expect(await emails(owner)).toEqual(new Set([owner.email]));
      expect(await emails(tenant)).toEqual(new Set([tenant.email]));
    });

    it('is shown in the session of who signs up, signs in or refreshes, whatever the header says', async () => {
      const fields = '{ refreshToken user { email profile { phone } } }';
      const { email, password } = owner;
      const signedIn = await app.api.must('signIn', { input: { email, password } }, stranger.token, fields);
      expect(signedIn.user).toEqual({ email, profile: { phone: '+1001' } });
      const refreshed = await app.api.must(
        'refreshSession',
        { refreshToken: signedIn.refreshToken },
        'garbage',
        fields,
      );
      expect(refreshed.user).toEqual({ email, profile: { phone: '+1001' } });
    });

    it('is not shown to the next operation of the same document', async () => {
      const { email, password } = owner;
      const { data } = await app.api.post(
        `mutation ($a: SignInInput!, $b: SignInInput!) {
          first: signIn(input: $a) { data { user { id email } } }
          second: signIn(input: $b) { code data { user { id email } } }
          third: markNotificationsRead { code }
        }`,
        { a: { email, password }, b: { email: tenant.email, password: tenant.password } },
      );
      const { first, second, third } = data as Json;
      expect(first.data.user).toEqual({ id: owner.id, email: owner.email });
      expect(second.data.user).toEqual({ id: tenant.id, email: tenant.email });
      expect(third.code).toBe('NOT_SIGNED_IN');
    });
  });

  describe('a phone number', () => {
    const phoneOf = async (whose: Person, viewer?: Person) =>
      (await app.api.must('getUser', { id: whose.id }, viewer?.token, '{ profile { phone } }')).profile
        .phone as string | null;

    it('is shown to the other party while a booking is ACTIVE, and to its owner always', async () => {
      const { id: placeId } = await world.place(owner);
      const seen = async () => ({
        byNobody: await phoneOf(owner),
        byStranger: await phoneOf(owner, stranger),
        ofOwnerByTenant: await phoneOf(owner, tenant),
        ofTenantByOwner: await phoneOf(tenant, owner),
        ofTenantByOtherLandlord: await phoneOf(tenant, otherLandlord),
        own: await phoneOf(tenant, tenant),
      });
      const hidden = {
        byNobody: null,
        byStranger: null,
        ofOwnerByTenant: null,
        ofTenantByOwner: null,
        ofTenantByOtherLandlord: null,
        own: '+1002',
      };
      const shown = { ...hidden, ofOwnerByTenant: '+1001', ofTenantByOwner: '+1002' };
      const { id } = await world.ask(tenant, placeId);
      expect(await seen()).toEqual(hidden);
      await world.activate(owner, id);
      expect(await seen()).toEqual(shown);
      await app.api.must('cancelActiveBooking', { id }, owner.token);
      expect(await seen()).toEqual(hidden);
      await world.completed(tenant, owner, placeId);
      expect(await seen()).toEqual(hidden);
    });

    it('is as private in lists', async () => {
      const { id: placeId } = await world.place(owner);
      const { id } = await world.book(stranger, owner, placeId);
      const phones = async (viewer?: Person) => {
        const { nodes } = await app.api.must(
          'getProfiles',
          { first: 100 },
          viewer?.token,
          '{ nodes { phone } }',
        );
        return nodes
          .map(({ phone }: Json) => phone)
          .filter(Boolean)
          .sort();
      };
      expect(await phones()).toEqual([]);
      expect(await phones(owner)).toEqual(['+1001', '+1003']);
      expect(await phones(stranger)).toEqual(['+1001', '+1003']);
      expect(await phones(tenant)).toEqual(['+1002']);
      await app.api.must('cancelActiveBooking', { id }, owner.token);
    });
  });

  describe('an address', () => {
    it('is shown to the owner, and to tenants whose booking of this copy is ACTIVE or COMPLETED', async () => {
      const [first, second] = await world.places(owner, { copies: 2 });
      const addressOf = async (place: Json, viewer?: Person) =>
        (await app.api.must('getPlace', { id: place.id }, viewer?.token, '{ address }')).address as
          string | null;
      const secret = '1 Secret Street';
      const { id } = await world.ask(tenant, first.id);
      expect(await addressOf(first)).toBeNull();
      expect(await addressOf(first, owner)).toBe(secret);
      expect(await addressOf(first, otherLandlord)).toBeNull();
      expect(await addressOf(first, tenant)).toBeNull();
      await world.activate(owner, id);
      expect(await addressOf(first, tenant)).toBe(secret);
      expect(await addressOf(first, stranger)).toBeNull();
      expect(await addressOf(second, tenant)).toBeNull();
      await app.api.must('cancelActiveBooking', { id }, tenant.token);
      expect(await addressOf(first, tenant)).toBeNull();
      await world.completed(tenant, owner, first.id);
      expect(await addressOf(first, tenant)).toBe(secret);
    });

    it('is as private in every list and nesting', async () => {
      const place = await world.place(owner);
      const { id: bookingId } = await world.completed(tenant, owner, place.id);
      await app.api.must('createReview', { input: { bookingId, rating: 4, comment: 'x' } }, tenant.token);
      const document = `{
        a: searchPlaces(filter: { ownerId: "${owner.id}" }, first: 100) { data { nodes { id address reviews { nodes { place { id address } } } } } }
        b: getReviewsByPlace(placeId: "${place.id}") { data { nodes { place { id address } } } }
        c: getPlaces(placeCopyId: "${place.placeCopyId}") { data { id address } }
      }`;
      const seen = async (viewer?: Person) => {
        const { data } = await app.api.post(document, {}, viewer?.token);
        const places = [...JSON.stringify(data).matchAll(/"id":"([^"]+)","address":(null|"[^"]*")/g)].filter(
          ([, id]) => id === place.id,
        );
        return new Set(places.map(([, , address]) => address));
      };
      expect(await seen()).toEqual(new Set(['null']));
      expect(await seen(stranger)).toEqual(new Set(['null']));
      expect(await seen(tenant)).toEqual(new Set(['"1 Secret Street"']));
      expect(await seen(owner)).toEqual(new Set(['"1 Secret Street"']));
    });
  });

  it('a booking is seen by its two parties alone', async () => {
    const { id: placeId } = await world.place(owner);
    const { id } = await world.ask(tenant, placeId);
    const mine = async (viewer: Person, args: object = {}) =>
      (await app.api.must('getBookings', { first: 100, ...args }, viewer.token)).nodes.map(
        (booking: Json) => booking.id as string,
      );
    expect(await mine(owner)).toContain(id);
    expect(await mine(tenant)).toContain(id);
    expect(await mine(stranger)).not.toContain(id);
    expect(await mine(otherLandlord, { placeId })).toEqual([]);
    expect(await mine(stranger, { placeId })).toEqual([]);
    expect(await mine(owner, { placeId })).toEqual([id]);
  });

  it("others' notifications are neither seen nor changed", async () => {
    const { id: placeId } = await world.place(owner);
    await world.ask(tenant, placeId);
    const { nodes } = await app.api.must(
      'getNotifications',
      { unreadOnly: true },
      owner.token,
      '{ nodes { id } unreadCount }',
    );
    const ids = nodes.map(({ id }: Json) => id as string);
    expect(await app.api.must('markNotificationsRead', { ids }, stranger.token)).toBe(0);
    expect((await app.api.must('getNotifications', {}, otherLandlord.token)).nodes).toEqual([]);
    expect(await app.api.must('markNotificationsRead', { ids }, owner.token)).toBe(ids.length);
  });
});
