// Lists: order, pages, cursors, filters.
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

describe('pages', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenant: Person;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    [owner, tenant] = await Promise.all([world.landlord(), world.tenant()]);
  });

  afterAll(() => app.stop());

  const PAGE =
    '{ edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

  /** Reads a list page by page, checking each page's own truth; answers all ids. */
  async function walk(
    operation: string,
    args: Json,
    token: string | undefined,
    first: number,
  ): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = null, page = 0; ; page++) {
      const data = await app.api.must(operation, { ...args, first, after }, token, PAGE);
      const { edges, nodes, pageInfo } = data;
      expect(nodes).toEqual(edges.map(({ node }: Json) => node));
      expect(pageInfo).toMatchObject({
        hasPreviousPage: page > 0,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      });
      ids.push(...nodes.map(({ id }: Json) => id as string));
      if (!pageInfo.hasNextPage) return ids;
      expect(nodes).toHaveLength(first);
      after = pageInfo.endCursor;
    }
  }

  it.each([1, 2, 3, 100])('bookings come newest first, in pages of %d, each once', async (first) => {
    const { id: placeId } = await world.place(owner);
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await world.ask(tenant, placeId, inDays(n), inDays(n + 1))).id);
    await world.activate(owner, made[2] as string);
    for (const { token } of [owner, tenant]) {
      expect(await walk('getBookings', { placeId }, token, first)).toEqual(made);
      expect(await walk('getBookings', { placeId, status: 'ACTIVE' }, token, first)).toEqual([made[2]]);
      expect(await walk('getBookings', { placeId, status: 'PENDING' }, token, first)).toEqual(
        made.filter((_, n) => n !== 2),
      );
    }
  });

  it('ties of time are broken by id', async () => {
    const { id: placeId } = await world.place(owner);
    const made: string[] = [];
    for (let n = 0; n < 4; n++) made.push((await world.ask(tenant, placeId)).id);
    await app.sql.query(`UPDATE booking SET created_at = '2026-01-01' WHERE place_id = $1`, [placeId]);
    expect(await walk('getBookings', { placeId }, tenant.token, 1)).toEqual(made.sort().reverse());
  });

  it('notifications come newest first; unread ones alone; all can be marked read', async () => {
    const landlord = await world.landlord();
    const { id: placeId } = await world.place(landlord);
    for (let n = 0; n < 4; n++) await world.ask(tenant, placeId);
    const read = (args: Json = {}) =>
      app.api.must('getNotifications', args, landlord.token, '{ unreadCount nodes { id sequence readAt } }');
    const all = await read();
    expect(all.unreadCount).toBe(4);
    expect(all.nodes.map(({ sequence }: Json) => sequence)).toEqual([4, 3, 2, 1]);
    expect(await walk('getNotifications', {}, landlord.token, 3)).toEqual(
      all.nodes.map(({ id }: Json) => id),
    );
    const ids = [all.nodes[1].id, all.nodes[1].id, '01890c5e-6f2a-7c3b-9d4e-0123456789ab'];
    expect(await app.api.must('markNotificationsRead', { ids }, landlord.token)).toBe(1);
    expect(await app.api.must('markNotificationsRead', { ids }, landlord.token)).toBe(0);
    const unread = await read({ unreadOnly: true });
    expect(unread).toMatchObject({ unreadCount: 3 });
    expect(unread.nodes.map(({ sequence }: Json) => sequence)).toEqual([4, 2, 1]);
    expect(await app.api.must('markNotificationsRead', { ids: [] }, landlord.token)).toBe(0);
    expect(await app.api.must('markNotificationsRead', {}, landlord.token)).toBe(3);
    expect((await read()).nodes.every(({ readAt }: Json) => readAt !== null)).toBe(true);
  });

  it('profiles come newest first, of one role or both', async () => {
    const people = [await world.landlord(), await world.tenant(), await world.landlord()];
    const ids: string[] = [];
    for (const { token } of people)
      ids.unshift((await app.api.must('createProfile', { input: { fullName: 'x' } }, token)).id);
    const [third, second, first] = ids;
    expect((await walk('getProfiles', {}, undefined, 2)).slice(0, 3)).toEqual([third, second, first]);
    expect((await walk('getProfiles', { role: 'LANDLORD' }, undefined, 1)).slice(0, 2)).toEqual([
      third,
      first,
    ]);
    expect((await walk('getProfiles', { role: 'TENANT' }, undefined, 2))[0]).toBe(second);
  });

  it('reviews belong to all copies together, newest first, by either road', async () => {
    const [first, second] = await world.places(owner, { copies: 2 });
    const ids: string[] = [];
    for (const [place, rating] of [
      [first, 5],
      [second, 2],
      [first, 4],
    ] as const) {
      const guest = await world.tenant();
      const { id: bookingId } = await world.book(
        guest,
        owner,
        place.id,
        inDays(ids.length),
        inDays(ids.length + 1),
      );
      await world.shift(bookingId, -ids.length);
      await app.api.must('completeActiveBooking', { id: bookingId }, owner.token);
      ids.unshift(
        (await app.api.must('createReview', { input: { bookingId, rating, comment: 'x' } }, guest.token)).id,
      );
    }
    for (const { id: placeId } of [first, second]) {
      expect(await walk('getReviewsByPlace', { placeId }, undefined, 2)).toEqual(ids);
      const place = await app.api.must(
        'getPlace',
        { id: placeId },
        undefined,
        `{ reviewCount averageRating reviews(first: 2) ${PAGE} }`,
      );
      expect(place).toMatchObject({ reviewCount: 3, averageRating: 11 / 3 });
      expect(place.reviews.nodes.map(({ id }: Json) => id)).toEqual(ids.slice(0, 2));
      const rest = await app.api.must(
        'getPlace',
        { id: placeId },
        undefined,
        `{ reviews(after: "${place.reviews.pageInfo.endCursor}") ${PAGE} }`,
      );
      expect(rest.reviews).toMatchObject({
        nodes: [{ id: ids[2] }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      });
    }
  });

  it('bad arguments of nested fields are top-level errors with a code', async () => {
    const { id } = await world.place(owner);
    for (const [field, path] of [
      ['reviews(first: 0) { nodes { id } }', 'first'],
      ['reviews(after: "x") { nodes { id } }', 'after'],
      ['busy(from: "2026-01-02", to: "2026-01-02") { checkIn }', 'to'],
      ['busy(from: "2026-01-02", to: "2028-01-03") { checkIn }', 'to'],
    ]) {
      const { errors, httpStatus } = await app.api.post(
        `{ getPlace(id: "${id}") { status data { ${field} } } }`,
      );
      expect(httpStatus).toBe(200);
      expect(errors).toMatchObject([
        {
          path: ['getPlace', 'data', expect.any(String)],
          extensions: { code: 'INVALID_INPUT', fieldErrors: [{ path }] },
        },
      ]);
    }
    const fine = await app.api.post(
      `{ getPlace(id: "${id}") { data { busy(from: "2026-01-02", to: "2028-01-02") { checkIn } } } }`,
    );
    expect(fine.errors).toBeUndefined();
  });

  it("a calendar shows ACTIVE stays that touch it, and nobody's name", async () => {
    const { id: placeId } = await world.place(owner);
    const stays = [
      [10, 12],
      [12, 15],
      [20, 22],
    ] as const;
    for (const [from, to] of stays) await world.book(tenant, owner, placeId, inDays(from), inDays(to));
    await world.ask(tenant, placeId, inDays(16), inDays(18));
    const busy = async (from: number, to: number) =>
      (
        await app.api.must(
          'getPlace',
          { id: placeId },
          undefined,
          `{ busy(from: "${inDays(from)}", to: "${inDays(to)}") { checkIn checkOut } }`,
        )
      ).busy;
    const shown = (...wanted: (readonly [number, number])[]) =>
      wanted.map(([from, to]) => ({ checkIn: inDays(from), checkOut: inDays(to) }));
    expect(await busy(0, 30)).toEqual(shown(...stays));
    expect(await busy(11, 12)).toEqual(shown(stays[0]));
    expect(await busy(12, 20)).toEqual(shown(stays[1]));
    expect(await busy(15, 20)).toEqual([]);
  });

  describe('cities', () => {
    it('are found by part of the name, without case, accents or wildcards', async () => {
      const tag = uniqueText('zz');
      const names = [`Đà Nẵng ${tag}`, `da nang city ${tag}`, `50% off ${tag}`, `Łódź ${tag}`];
      for (const name of names) await world.addCity(owner, { name });
      const found = async (search: string) =>
        (await app.api.must('getCities', { search, first: 100 })).nodes
          .map(({ name }: Json) => name as string)
          .filter((name: string) => name.endsWith(tag));
      expect(await found('DA NANG')).toEqual([names[1], names[0]]);
      expect(await found('  đà   nẵng ')).toEqual([names[1], names[0]]);
      expect(await found('0% of')).toEqual([names[2]]);
      expect(await found('%')).toEqual([names[2]]);
      expect(await found('_')).toEqual([]);
      expect(await found('lodz')).toEqual([names[3]]);
      expect(await found('\\')).toEqual([]);
      expect(await walk('getCities', { search: tag }, undefined, 1)).toHaveLength(4);
    });

    it('are the same where the folded name and country are', async () => {
      const tag = uniqueText('zz');
      const add = (name: string, country: string) =>
        app.api.call(
          'addCity',
          { input: { name: `${name} ${tag}`, country, timeZone: 'Etc/UTC' } },
          owner.token,
        );
      expect((await add('Hải  Đường', 'VN')).data.name).toBe(`Hải Đường ${tag}`);
      for (const name of [' hai duong', 'HẢI ĐƯỜNG', 'Ha\u0309i \u0110u\u031bo\u031b\u0300ng'])
        expect((await add(name, 'VN')).code).toBe('CITY_EXISTS');
      expect((await add('Hải Đường', 'DE')).code).toBeNull();
    });
  });

  describe('searching places', () => {
    const search = async (filter: Json, viewer?: Person) =>
      (
        await app.api.must(
          'searchPlaces',
          { filter, first: 100 },
          viewer?.token,
          '{ nodes { id copyNumber } }',
        )
      ).nodes;

    it('shows each group of copies once, as its lowest listed copy that fits; newest first', async () => {
      const landlord = await world.landlord();
      const cityId = await world.addCity(landlord);
      const [one, two, three] = await world.places(landlord, { cityId, copies: 3 });
      const single = await world.place(landlord, { cityId, maxGuests: 2 });
      const ids = async (filter: Json, viewer?: Person) =>
        (await search({ cityId, ...filter }, viewer)).map(({ id }: Json) => id);
      expect(await ids({})).toEqual([single.id, one.id]);
      expect(await ids({ guests: 3 })).toEqual([one.id]);
      await app.api.must('updatePlace', { input: { id: one.id, listed: false } }, landlord.token);
      expect(await ids({})).toEqual([single.id, two.id]);
      expect(await ids({ ownerId: landlord.id })).toEqual([single.id, two.id]);
      expect(await ids({ ownerId: landlord.id }, landlord)).toEqual([single.id, one.id]);
      expect(await ids({ ownerId: owner.id })).toEqual([]);
      await world.book(tenant, landlord, two.id, inDays(10), inDays(12));
      const free = (from: number, to: number) => ids({ checkIn: inDays(from), checkOut: inDays(to) });
      expect(await free(11, 13)).toEqual([single.id, three.id]);
      expect(await free(12, 13)).toEqual([single.id, two.id]);
      await world.ask(tenant, three.id, inDays(11), inDays(13));
      expect(await free(11, 13)).toEqual([single.id, three.id]);
      await world.book(tenant, landlord, three.id, inDays(11), inDays(13));
      expect(await free(11, 13)).toEqual([single.id]);
      expect(await ids({ checkIn: '2001-01-01', checkOut: '2001-01-02' })).toEqual([single.id, two.id]);
      expect(await walk('searchPlaces', { filter: { cityId } }, undefined, 1)).toEqual([single.id, two.id]);
    });

    it('of an unknown city is UNKNOWN_CITY', async () => {
      const filter = { cityId: '01890c5e-6f2a-7c3b-9d4e-0123456789ab' };
      expect(await app.api.call('searchPlaces', { filter })).toMatchObject({
        status: 'NOT_FOUND',
        code: 'UNKNOWN_CITY',
      });
    });
  });
});
