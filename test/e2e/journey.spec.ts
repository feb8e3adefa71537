// The whole main job, as the README tells it: offer, find, ask, hear, accept, hear, complete, review.
import { TestApp } from '../support/app.js';
import { Live } from '../support/live.js';
import { inDays, World } from '../support/world.js';

describe('the main job', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
  });

  afterAll(() => app.stop());

  it('goes from the first sign-up to the review', async () => {
    const { api } = app;
    const landlord = await world.person('LANDLORD', 'Linh');
    const tenant = await world.person('TENANT', 'Jonas');
    const cityId = await world.addCity(landlord, { name: 'Đà Nẵng', timeZone: 'Etc/UTC' });
    const copies = await world.places(landlord, { cityId, copies: 3, title: 'River room' });
    expect(copies.map(({ copyNumber }) => copyNumber)).toEqual([1, 2, 3]);

    const found = await api.must(
      'searchPlaces',
      { filter: { cityId } },
      tenant.token,
      '{ nodes { id title city { name } owner { displayName } } }',
    );
    expect(found.nodes).toEqual([
      { id: copies[0].id, title: 'River room', city: { name: 'Đà Nẵng' }, owner: { displayName: 'Linh' } },
    ]);

    const landlordLive = await Live.connect(app.url, landlord.token);
    const booking = await world.ask(tenant, found.nodes[0].id, inDays(0), inDays(3));
    expect(booking).toMatchObject({ status: 'PENDING', nights: 3, guests: 2, version: 1 });
    const [told] = await landlordLive.receive(1);
    expect(told).toMatchObject({
      sequence: 1,
      type: 'NEW_BOOKING',
      booking: {
        id: booking.id,
        placeId: copies[0].id,
        status: 'PENDING',
        checkIn: inDays(0),
        checkOut: inDays(3),
      },
    });

    // The tenant is offline, and hears of it when next connected.
    await world.activate(landlord, booking.id);
    const tenantLive = await Live.connect(app.url, tenant.token);
    expect((await tenantLive.receive(1))[0]).toMatchObject({ sequence: 1, type: 'ACTIVATE_BOOKING' });

    await api.must('completeActiveBooking', { id: booking.id }, landlord.token);
    await tenantLive.receive(2);
    const review = { bookingId: booking.id, rating: 5, comment: 'Wonderful.' };
    await api.must('createReview', { input: review }, tenant.token);
    await landlordLive.receive(2);
    expect(landlordLive.messages.map(({ type }) => type)).toEqual(['NEW_BOOKING', 'NEW_REVIEW']);
    expect(tenantLive.messages.map(({ type }) => type)).toEqual(['ACTIVATE_BOOKING', 'COMPLETE_BOOKING']);

    const place = await api.must(
      'getPlace',
      { id: copies[2].id },
      undefined,
      '{ reviewCount averageRating reviews { nodes { comment reviewer { displayName } } } }',
    );
    expect(place).toEqual({
      reviewCount: 1,
      averageRating: 5,
      reviews: { nodes: [{ comment: 'Wonderful.', reviewer: { displayName: 'Jonas' } }] },
    });
    landlordLive.close();
    tenantLive.close();
  });
});
