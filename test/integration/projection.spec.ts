// The two ways to an answer: resolvers and loaders, which a document takes when it is new, and one statement for
// everything, which it takes from then on. Whatever is asked, by whomever, both answer the same.
import fc from 'fast-check';
import type { GraphQLField, GraphQLNonNull, GraphQLObjectType } from 'graphql';
import { KnownDocuments, type Question } from '../../src/platform/projection/known-documents.js';
import type { Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { argumentsOf, fieldOf, type Pool, SCHEMA } from '../support/documents.js';
import { inDays, type Person, World } from '../support/world.js';

type Field = GraphQLField<unknown, unknown>;

const DOCUMENTS = 2500;

describe('one statement for everything', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let guest: Person;
  let placeId: string;
  let bookingId: string;
  const pool: Pool = { ids: [], people: [] };

  beforeAll(async () => {
    // The queue is worked elsewhere, so that nothing changes between one answer and the next.
    app = await TestApp.start({ WORKER: 'apart' });
    world = new World(app);
    owner = await world.landlord();
    guest = await world.tenant();
    const [other, stranger] = [
      await world.tenant(),
      await world.person('TENANT', 'O\'Brien "the quoted" \\ \u2028💥'),
    ];
    for (const [index, person] of [owner, guest, stranger].entries()) {
      const input = {
        fullName: 'Ngọc "x"\n\t',
        bio: 'a\\b',
        phone: `+4915112345${index}`,
        languages: ['vi', '"'],
      };
      await app.api.must('createProfile', { input }, person.token);
    }
    const cityId = await world.addCity(owner, { latitude: 1e-7, longitude: -106.123456789 });
    const copies = await world.places(owner, { cityId, copies: 2, amenities: ['wifi', 'a "desk"'] });
    const single = await world.place(owner, { title: '{"$address":["x","00"]}' });
    placeId = copies[0]?.id as string;
    for (const tenant of [guest, other, stranger]) {
      const done = await world.completed(tenant, owner, tenant === stranger ? single.id : placeId);
      const input = { bookingId: done.id, rating: 4, comment: 'So "quiet".\nReally.' };
      await app.api.must('createReview', { input }, tenant.token);
      if (tenant !== stranger) await world.shift(done.id as string, -30).catch(() => undefined);
      pool.ids.push(done.id as string);
      placeId = copies[1]?.id as string;
    }
    const booked = await world.book(guest, owner, placeId, inDays(20), inDays(25));
    bookingId = booked.id as string;
    const asked = await world.ask(other, placeId, inDays(40), inDays(41), { note: '<b>' });
    await app.api.must('cancelPendingBooking', { id: asked.id, reason: 'no' }, owner.token);
    const ids = [...copies, single].flatMap(({ id, placeCopyId }: Json) => [id, placeCopyId] as string[]);
    pool.ids.push(...ids, bookingId, asked.id as string, cityId, owner.id, guest.id);
    pool.people.push(owner, guest, stranger, other);
  });

  afterAll(() => app.stop());

  const queries = () =>
    fc
      .constantFrom(...Object.values(SCHEMA.getQueryType()?.getFields() ?? {}))
      .chain((operation) => {
        const data = (operation.type as GraphQLNonNull<GraphQLObjectType>).ofType.getFields().data as Field;
        return fc.tuple(
          fc.constant(operation.name),
          argumentsOf(operation.args, pool, 'v'),
          fieldOf(data, pool, 5, 'v'),
          fc.nat({ max: 4 }),
        );
      })
      .map(([operation, args, data, as]) => {
        const declared = [...args.declared, ...data.declared];
        return {
          operation,
          query: `query ${declared.length === 0 ? '' : `(${declared.join(', ')})`} {
            ${operation}${args.text} { status code message fieldErrors { path message } ${data.text} }
          }`,
          variables: { ...args.variables, ...data.variables },
          token: pool.people[as]?.token,
        };
      });

  /** The same question twice: by resolvers and loaders, as the document is new, and then as a known one. */
  async function bothWays(query: string, variables: Record<string, unknown>, token?: string) {
    const slow = await app.api.post(query, variables, token);
    const questions = jest.spyOn(app.nest.get(KnownDocuments), 'questionOf');
    const fast = await app.api.post(query, variables, token);
    const isKnown = questions.mock.results.every(({ value }) => (value as Question | null)?.asked != null);
    questions.mockRestore();
    return { slow, fast, isKnown };
  }

  it(`answers ${DOCUMENTS} random queries as resolvers and loaders do`, async () => {
    let direct = 0;
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(queries(), async ({ operation, query, variables, token }) => {
        const { slow, fast, isKnown } = await bothWays(query, variables, token);
        const told = (result: unknown) =>
          JSON.parse(JSON.stringify(result).replace(/request [\w-]+/g, 'request')) as unknown;
        expect(told(fast)).toEqual(told(slow));
        if ((slow.data?.[operation] as { status: string } | undefined)?.status !== 'OK') return;
        answered++;
        if (isKnown) direct++;
      }),
      { numRuns: DOCUMENTS },
    );
    // Otherwise most were no test of anything.
    expect(answered).toBeGreaterThan(DOCUMENTS / 4);
    expect(direct).toBeGreaterThan(answered * 0.8);
  }, 300_000);
});
