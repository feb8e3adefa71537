// A document that was answered before takes a shorter way: nothing that guards the long one may be missing there.
import { KnownDocuments } from '../../src/platform/projection/known-documents.js';
import { post } from '../../scripts/graphql-client.js';
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { statementsOf } from '../support/statements.js';
import { inDays, type Person, World } from '../support/world.js';

const PLACE =
  'query Place($id: ID!) { getPlace(id: $id) { status code message fieldErrors { path message } data { id title } } }';
const MINE = '{ getBookings { status code data { nodes { id tenant { email } } } } }';

describe('a known document', () => {
  let app: TestApp;
  let world: World;
  let landlord: Person;
  let tenant: Person;
  let placeId: string;

  beforeAll(async () => {
    // The queue is worked elsewhere: its statements are not those of the answers.
    app = await TestApp.start({ WORKER: 'apart' });
    world = new World(app);
    [landlord, tenant] = [await world.landlord(), await world.tenant()];
    placeId = (await world.place(landlord)).id as string;
    await world.ask(tenant, placeId);
    await app.api.post(PLACE, { id: placeId });
    await app.api.post(MINE, {}, tenant.token);
  });

  afterAll(() => app.stop());

  /** Whether the request was answered without Apollo Server. */
  async function isShort(send: () => Promise<unknown>): Promise<boolean> {
    const questions = jest.spyOn(app.nest.get(KnownDocuments), 'questionOf');
    await send();
    const { results } = questions.mock;
    questions.mockRestore();
    return results.length > 0 && results.every(({ value }) => value !== null);
  }

  function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  const answerTo = async (response: Response) => ({
    status: response.status,
    headers: Object.fromEntries(
      [...response.headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name)),
    ),
    body: await response.json(),
  });

  it('takes the short way', async () => {
    expect(await isShort(() => app.api.post(PLACE, { id: placeId }))).toBe(true);
    expect(await isShort(() => app.api.post(`${PLACE} # new`, { id: placeId }))).toBe(false);
    expect(await isShort(() => app.api.post(`${PLACE} # new`, { id: placeId }))).toBe(true);
  });

  it.each([
    ['a place', { id: 'PLACE' }],
    ['no place', { id: '01234567-0123-7123-8123-0123456789ab' }],
    ['a bad id', { id: 'nonsense' }],
    ['a missing variable', {}],
    ['a variable of another type', { id: { a: 1 } }],
    ['more variables than declared', { id: 'PLACE', more: 1 }],
  ])('answers as ever, headers included: %s', async (_, variables) => {
    const given = JSON.parse(JSON.stringify(variables).replace('PLACE', placeId)) as object;
    const long = await send({ query: `${PLACE} # ${Math.random()}`, variables: given });
    expect(await answerTo(await send({ query: PLACE, variables: given }))).toEqual(await answerTo(long));
  });

  it.each([
    [{}],
    [{ accept: '*/*' }],
    [{ accept: 'application/json' }],
    [{ accept: 'application/graphql-response+json' }],
    [{ accept: 'application/graphql-response+json,application/json;q=0.9' }],
    [{ accept: 'text/html' }],
    [{ accept: 'image/png' }],
    [{ 'x-request-id': 'my-request-id' }],
  ] as [Record<string, string>][])('answers as ever to %j', async (headers) => {
    const variables = { id: placeId };
    const long = await send({ query: `${PLACE} # ${Math.random()}`, variables }, headers);
    const short = await send({ query: PLACE, variables }, headers);
    expect(short.headers.get('x-request-id')).toMatch(headers['x-request-id'] ?? /^[\w-]{36}$/);
    expect(await answerTo(short)).toEqual(await answerTo(long));
  });

  it.each([
    ['text/plain', JSON.stringify({ query: PLACE, variables: {} }), { 'content-type': 'text/plain' }],
    ['a list of operations', JSON.stringify([{ query: PLACE }]), {}],
    ['an unknown operation name', JSON.stringify({ query: PLACE, operationName: 'Other' }), {}],
    ['a query that is no text', JSON.stringify({ query: { a: 1 } }), {}],
    ['variables that are no object', JSON.stringify({ query: PLACE, variables: [1] }), {}],
    ['no body', '{}', {}],
  ])('is refused where it would be: %s', async (_, body, headers) => {
    const response = await send(body, headers);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  });

  it('is guarded: no token, a bad one, another user', async () => {
    const codeFor = async (token?: string) => (await app.api.post(MINE, {}, token)).data?.getBookings as Json;
    expect(await codeFor()).toMatchObject({ status: 'UNAUTHENTICATED', code: 'NOT_SIGNED_IN', data: null });
    expect(await codeFor('garbage')).toMatchObject({ code: 'NOT_SIGNED_IN', data: null });
    expect((await codeFor(tenant.token)).data.nodes).toEqual([
      { id: expect.any(String) as string, tenant: { email: tenant.email } },
    ]);
    expect((await codeFor(landlord.token)).data.nodes).toEqual([
      { id: expect.any(String) as string, tenant: { email: null } },
    ]);
  });

  it('shows what was written a moment ago', async () => {
    await app.api.must('updatePlace', { input: { id: placeId, title: 'Another title' } }, landlord.token);
    expect((await app.api.post(PLACE, { id: placeId })).data).toMatchObject({
      getPlace: { data: { title: 'Another title' } },
    });
  });

  it('asks for too much by its variables alone, and is refused', async () => {
    const query = `query ($n: Int) { searchPlaces(first: $n) { data { nodes { reviews(first: $n) { nodes {
      place { reviews(first: $n) { nodes { id } } } } } } } } }`;
    expect(await app.api.post(query, { n: 1 })).toMatchObject({ httpStatus: 200 });
    expect(await isShort(() => app.api.post(query, { n: 2 }))).toBe(true);
    expect(await app.api.post(query, { n: 100 })).toMatchObject({
      httpStatus: 400,
      errors: [{ extensions: { code: 'DOCUMENT_LIMIT' } }],
    });
  });

  it('names the nested field whose arguments are no good, and gives the rest', async () => {
    const query = `query ($id: ID!, $to: LocalDate!) { getPlace(id: $id) { data { id busy(from: "2027-01-01", to: $to) { checkIn } } } }`;
    await app.api.post(query, { id: placeId, to: '2027-02-01' });
    expect(await isShort(() => app.api.post(query, { id: placeId, to: '2027-02-01' }))).toBe(true);
    const { data, errors } = await app.api.post(query, { id: placeId, to: '2026-01-01' });
    expect(errors).toMatchObject([
      {
        path: ['getPlace', 'data', 'busy'],
        extensions: { code: 'INVALID_INPUT', fieldErrors: [{ path: 'to' }] },
      },
    ]);
    expect(data).toEqual({ getPlace: { data: null } });
  });

  it('counts towards the limits, and says how long to wait', async () => {
    const limited = await TestApp.start({ RATE_LIMITS: 'on', LIMIT_OPERATIONS_ADDRESS: '5/60' });
    try {
      const query = '{ getCities { status code } }';
      for (let n = 0; n < 5; n++) await limited.api.post(query);
      const { headers, data } = await post(`${limited.url}/graphql`, query);
      expect(data).toEqual({ getCities: { status: 'TOO_MANY_REQUESTS', code: 'RATE_LIMITED' } });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      // Also after a failure: what is left running would keep the whole run from ending.
      await limited.stop();
    }
  });

  it('changes what it should, once each time, and names the nested field that went wrong', async () => {
    const query = `mutation ($input: CreatePendingBookingInput!, $to: LocalDate!) { createPendingBooking(input: $input) {
      status data { status place { id busy(from: "2027-01-01", to: $to) { checkIn } } } } }`;
    const own = await world.tenant();
    const ask = (to: string, days: number) =>
      app.api.post(
        query,
        { input: { placeId, checkIn: inDays(days), checkOut: inDays(days + 1), guests: 1 }, to },
        own.token,
      );
    await ask('2027-02-01', 50);
    expect(await isShort(() => ask('2027-02-01', 52))).toBe(true);
    const long = await app.api.post(`${query} # new`, { ...variablesOf(54), to: '2026-01-01' }, own.token);
    const short = await ask('2026-01-01', 56);
    expect(short.errors).toEqual(long.errors);
    expect(short.errors).toMatchObject([{ path: ['createPendingBooking', 'data', 'place', 'busy'] }]);
    expect((await app.api.must('getBookings', {}, own.token)).nodes).toHaveLength(4);

    function variablesOf(days: number) {
      return { input: { placeId, checkIn: inDays(days), checkOut: inDays(days + 1), guests: 1 } };
    }
  });

  it('with directives is found by resolvers and loaders, and is known all the same', async () => {
    const query = `query ($id: ID!, $with: Boolean!) { getPlace(id: $id) { data { id title @include(if: $with) } } }`;
    await app.api.post(query, { id: placeId, with: true });
    const titles: unknown[] = [];
    const isKnown = await isShort(async () => {
      for (const value of [true, false])
        titles.push(
          ((await app.api.post(query, { id: placeId, with: value })).data as Json).getPlace.data.title,
        );
    });
    expect(isKnown).toBe(true);
    expect(titles).toEqual(['Another title', undefined]);
  });

  it('is one statement, whatever it leads to', async () => {
    const booking = await world.completed(tenant, landlord, (await world.place(landlord)).id as string);
    const input = { bookingId: booking.id, rating: 5, comment: 'x' };
    await app.api.must('createReview', { input }, tenant.token);
    const query = `{ getBookings { status data { nodes { id review { rating reviewer { displayName profile { phone } } }
      place { address owner { email profile { fullName } } city { name } busy(from: "${inDays(0)}", to: "${inDays(9)}") { checkIn }
      reviews(first: 2) { nodes { comment } pageInfo { hasNextPage endCursor } } } } } } }`;
    const long = await app.api.post(query, {}, tenant.token);
    const statements = await statementsOf(async () => {
      expect((await app.api.post(query, {}, tenant.token)).data).toEqual(long.data);
    });
    expect(statements).toHaveLength(1);
  });
});
