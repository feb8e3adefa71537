// How many SQL statements an answer costs: a number that does not grow with the length of its lists.
import { TestApp } from '../support/app.js';
import { statementsOf } from '../support/statements.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

const USER = 'id displayName email profile { fullName phone owner { id email } }';
const PLACE = `id title address copies averageRating owner { ${USER} } city { name timeZone }
  reviews(first: 3) { nodes { rating reviewer { ${USER} } place { title address } } }
  busy(from: "2026-01-01", to: "2027-12-31") { checkIn }`;
const BOOKING = `id status total { amount } tenant { ${USER} } place { ${PLACE} } review { rating reviewer { ${USER} } }`;
const PAGE = (fields: string) =>
  `{ status message data { nodes { ${fields} } edges { cursor node { ${fields} } } pageInfo { hasNextPage endCursor } } }`;

/** Lists, with everything that they lead to. */
const DOCUMENTS: Record<string, string> = {
  searchPlaces: `query ($id: ID, $first: Int) { searchPlaces(filter: { ownerId: $id }, first: $first) ${PAGE(PLACE)} }`,
  getBookings: `query ($first: Int) { getBookings(first: $first) ${PAGE(BOOKING)} }`,
  getReviewsByPlace: `query ($placeId: ID!, $first: Int) { getReviewsByPlace(placeId: $placeId, first: $first) ${PAGE(`rating place { ${PLACE} } reviewer { ${USER} }`)} }`,
  getProfiles: `query ($first: Int) { getProfiles(first: $first) ${PAGE(`fullName phone owner { ${USER} }`)} }`,
  getNotifications: `query ($first: Int) { getNotifications(first: $first) { data { unreadCount nodes { sequence booking { ${BOOKING} } } } } }`,
  getCities: `query ($first: Int) { getCities(first: $first) ${PAGE('name')} }`,
};

describe('the number of SQL statements', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let placeId: string;

  beforeAll(async () => {
    // The queue is worked elsewhere: its statements are not those of the answers.
    app = await TestApp.start({ WORKER: 'apart' });
    world = new World(app);
    owner = await world.landlord();
    placeId = (await world.place(owner)).id;
    for (let n = 0; n < 12; n++) {
      const guest = await world.tenant();
      await app.api.must(
        'createProfile',
        { input: { fullName: uniqueText(), phone: `+10000${n}` } },
        guest.token,
      );
      const cityId = await world.addCity(owner);
      const place = await world.place(owner, { cityId });
      const { id: bookingId } = await world
        .completed(guest, owner, n < 6 ? placeId : place.id)
        .catch(() => world.completed(guest, owner, place.id));
      await app.api.must('createReview', { input: { bookingId, rating: 3, comment: 'x' } }, guest.token);
      await world.book(guest, owner, place.id, inDays(30), inDays(31));
    }
  });

  afterAll(() => app.stop());

  it.each(Object.entries(DOCUMENTS))(
    'of %s is the same for 2 items and for 10',
    async (operation, document) => {
      const costOf = async (first: number) => {
        let items = 0;
        const statements = await statementsOf(async () => {
          const { data, errors } = await app.api.post(
            document,
            { first, id: owner.id, placeId },
            owner.token,
          );
          expect(errors).toBeUndefined();
          items = (data?.[operation] as { data: { nodes: unknown[] } }).data.nodes.length;
        });
        return { items, statements: statements.length, texts: statements.map(({ text }) => text) };
      };
      const [few, many] = [await costOf(2), await costOf(10)];
      expect(few.items).toBe(Math.min(2, many.items));
      expect(many.items).toBeGreaterThan(few.items - (operation === 'getReviewsByPlace' ? 1 : 0));
      // Fewer may happen: batches that start at the same moment are joined.
      expect(many.statements).toBeLessThanOrEqual(few.statements);
      expect(few.statements).toBeGreaterThan(0);
    },
  );

  it('to make 100 copies is the same as to make one', async () => {
    const make = async (copies: number) => {
      const input = await world.placeInput({ copies });
      return (await statementsOf(() => app.api.must('createPlace', { input }, owner.token, '{ id }'))).length;
    };
    const one = await make(1);
    expect(await make(100)).toBe(one);
  });

  it('to change all of 100 copies is the same as to change one', async () => {
    const change = async (copies: number) => {
      const place = await world.place(owner, { copies });
      const input = { id: place.id, title: 'new', allCopies: true, copies: copies + 5 };
      return (await statementsOf(() => app.api.must('updatePlace', { input }, owner.token, '{ id }'))).length;
    };
    const one = await change(1);
    expect(await change(100)).toBe(one);
  });

  it('is counted at all: asking twice costs twice', async () => {
    const once = await statementsOf(() => app.api.must('getPlace', { id: placeId }));
    const twice = await statementsOf(async () => {
      await app.api.must('getPlace', { id: placeId });
      await app.api.must('getPlace', { id: placeId });
    });
    expect(twice).toHaveLength(once.length * 2);
  });
});
