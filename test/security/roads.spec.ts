// Every road of the schema to a private field, up to five types deep, walked by every kind of viewer: the value is
// there exactly for those who may see it. The roads come from the schema itself: a new one is walked without a word here.
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { type Json, operationNames } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

const SCHEMA = buildSchema(readFileSync('schema.graphql', 'utf8'));
const DEPTH = 5;

/** What nobody but some may see, and how to tell whose it is. */
const PRIVATE: Record<string, string> = { User: 'email', Profile: 'phone', Place: 'address' };

/** Arguments of nested fields. */
const NESTED: Record<string, string> = { first: '3', from: '"2026-01-01"', to: '"2026-01-02"' };

interface Scene {
  owner: Person;
  active: Person;
  completed: Person;
  pending: Person;
  stranger: Person;
  otherLandlord: Person;
  placeId: string;
  placeCopyId: string;
  cityId: string;
  /** `again` is a second one of `active`'s, PENDING until somebody activates it. */
  bookings: Record<'active' | 'completed' | 'pending' | 'again', string>;
}
type Viewer =
  keyof Pick<Scene, 'owner' | 'active' | 'completed' | 'pending' | 'stranger' | 'otherLandlord'> | 'nobody';
const VIEWERS: Viewer[] = ['nobody', 'owner', 'active', 'completed', 'pending', 'stranger', 'otherLandlord'];

type Arguments = (
  scene: Scene,
  viewer: Person | null,
) => Record<string, unknown>[] | Promise<Record<string, unknown>[]>;

const stay = (days: number) => ({ checkIn: inDays(days), checkOut: inDays(days + 1), guests: 1 });
const allBookings: Arguments = ({ bookings }) => Object.values(bookings).map((id) => ({ id }));
const session: Arguments = (_, viewer) =>
  viewer === null ? [] : [{ input: { email: viewer.email, password: viewer.password } }];

/** How to call each operation; the order is that of a life, so that transitions come last. */
const ARGUMENTS: Record<string, Arguments> = {
  verifyUser: () => [{}],
  getUser: ({ owner, active }) => [{ id: owner.id }, { id: active.id }],
  getPlace: ({ placeId }) => [{ id: placeId }],
  getPlaces: ({ placeCopyId }) => [{ placeCopyId }],
  searchPlaces: () => [{ first: 3 }],
  getReviewsByPlace: ({ placeId }) => [{ placeId, first: 3 }],
  getCities: () => [{ first: 3 }],
  getProfiles: () => [{ first: 10 }],
  getBooking: allBookings,
  getBookings: () => [{ first: 5 }],
  getNotifications: () => [{ first: 5 }],
  markNotificationsRead: () => [{}],
  addCity: () => [{ input: { name: uniqueText('City '), country: 'VN', timeZone: 'Etc/UTC' } }],
  createPlace: ({ cityId }) => [
    {
      input: {
        cityId,
        title: 'Another',
        description: 'x',
        address: 'elsewhere',
        nightlyPrice: { amount: 1, currency: 'USD' },
        maxGuests: 1,
      },
    },
  ],
  updatePlace: ({ placeId }) => [{ input: { id: placeId, title: uniqueText('Title ') } }],
  createPendingBooking: ({ placeId }) => [{ input: { placeId, ...stay(100) } }],
  updatePendingBooking: ({ bookings }) => [{ input: { id: bookings.pending, note: 'x' } }],
  createReview: ({ bookings }) => [{ input: { bookingId: bookings.completed, rating: 5, comment: 'x' } }],
  createProfile: () => [{ input: { fullName: 'x' } }],
  updateProfile: () => [{ input: { fullName: 'y' } }],
  signUp: () => [
    {
      input: {
        email: `${uniqueText()}@example.com`,
        password: 'long enough a word',
        role: 'TENANT',
        displayName: 'x',
      },
    },
  ],
  signIn: session,
  refreshSession: (_, viewer) => (viewer === null ? [] : [{ refreshToken: viewer.refreshToken }]),
  changePassword: (_, viewer) =>
    viewer === null ? [] : [{ input: { currentPassword: 'not it', newPassword: 'long enough a word' } }],
  signOut: () => [],
  signOutEverywhere: () => [],
  activatePendingBooking: ({ bookings }) => [{ id: bookings.again }],
  cancelPendingBooking: ({ bookings }) => [{ id: bookings.pending }],
  completeActiveBooking: ({ bookings }) => [{ id: bookings.completed }],
  cancelActiveBooking: ({ bookings }) => [{ id: bookings.again }],
};

/** Ids, private fields, and everything that leads on to more of them. */
function selectionOf(type: GraphQLObjectType, depth: number): string {
  const fields = Object.values(type.getFields());
  const leaves = fields
    .filter(({ name }) => name === 'id' || name === PRIVATE[type.name])
    .map(({ name }) => name);
  const roads = fields.flatMap((field) => {
    const next = getNamedType(field.type);
    if (!isObjectType(next)) return [];
    const isWrapper = /(Connection|Edge|Session|Page)$/.test(next.name);
    const left = isWrapper ? depth : depth - 1;
    const within = left < 0 ? '' : selectionOf(next, left);
    return within === '' ? [] : [`${field.name}${argumentsOf(field)} ${within}`];
  });
  const parts = [...leaves, ...roads];
  return parts.length === 0 || (roads.length === 0 && leaves.join() === 'id' && !(type.name in PRIVATE))
    ? ''
    : `{ ${parts.join(' ')} }`;
}

function argumentsOf({ args }: GraphQLField<unknown, unknown>): string {
  const given = args.filter((argument) => isRequiredArgument(argument) || argument.name === 'first');
  return given.length === 0 ? '' : `(${given.map(({ name }) => `${name}: ${NESTED[name]}`).join(', ')})`;
}

function rootField(name: string): GraphQLField<unknown, unknown> {
  const field = SCHEMA.getQueryType()?.getFields()[name] ?? SCHEMA.getMutationType()?.getFields()[name];
  return field as GraphQLField<unknown, unknown>;
}

/** Every private value in an answer: what it is, whose thing it is in, and by which road. */
function privateValues(
  value: Json,
  road: string,
): { road: string; field: string; id: string; value: string | null }[] {
  if (Array.isArray(value)) return value.flatMap((item) => privateValues(item, road));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, Json>).flatMap(([name, within]) =>
    Object.values(PRIVATE).includes(name)
      ? [{ road: `${road}.${name}`, field: name, id: value.id as string, value: within as string | null }]
      : privateValues(within, `${road}.${name}`),
  );
}

describe('every road to a private field', () => {
  let app: TestApp;
  let scene: Scene;
  /** `viewer field id` → what this viewer may see there; anything else must be null. */
  const visible = new Map<string, string>();
  const walked = new Map<string, Set<boolean>>();

  beforeAll(async () => {
    app = await TestApp.start({
      GRAPHQL_MAX_TOKENS: '100000',
      GRAPHQL_MAX_DEPTH: '100',
      GRAPHQL_MAX_FIELDS: '100000',
      GRAPHQL_MAX_OBJECTS: '10000000',
    });
    const world = new World(app);
    const [owner, otherLandlord] = await Promise.all([world.landlord(), world.landlord()]);
    const [active, completed, pending, stranger] = await Promise.all([1, 2, 3, 4].map(() => world.tenant()));
    if (!active || !completed || !pending || !stranger) throw new Error('Four tenants were asked for.');
    const { id: placeId, placeCopyId } = await world.place(owner, { address: 'the secret address' });
    const people = { owner, otherLandlord, active, completed, pending, stranger };
    scene = {
      ...people,
      placeId,
      placeCopyId,
      cityId: await world.city(),
      bookings: {
        completed: (await world.completed(completed, owner, placeId)).id,
        active: (await world.book(active, owner, placeId, inDays(10), inDays(12))).id,
        pending: (await world.ask(pending, placeId, inDays(20), inDays(22))).id,
        again: (await world.ask(active, placeId, inDays(30), inDays(32))).id,
      },
    };
    const review = { bookingId: scene.bookings.completed, rating: 4, comment: 'x' };
    await app.api.must('createReview', { input: review }, completed.token);
    const phones: Partial<Record<Viewer, [string, string]>> = {};
    for (const [index, [name, person]] of Object.entries(people).entries()) {
      const phone = `+100000000${index}`;
      const { id } = await app.api.must('createProfile', { input: { fullName: name, phone } }, person.token);
      phones[name as Viewer] = [id, phone];
      visible.set(`${name} email ${person.id}`, person.email);
      visible.set(`${name} phone ${id}`, phone);
    }
    for (const viewer of ['owner', 'active', 'completed'])
      visible.set(`${viewer} address ${placeId}`, 'the secret address');
    const [ownerProfile, activeProfile] = [phones.owner, phones.active];
    if (!ownerProfile || !activeProfile) throw new Error('Everybody has a profile.');
    visible.set(`owner phone ${activeProfile[0]}`, activeProfile[1]);
    visible.set(`active phone ${ownerProfile[0]}`, ownerProfile[1]);
  });

  afterAll(() => app.stop());

  let document = 0;

  it('has a way to call each operation', () => {
    expect(Object.keys(ARGUMENTS).sort()).toEqual(
      [...operationNames('query'), ...operationNames('mutation')].sort(),
    );
  });

  it.each(Object.keys(ARGUMENTS))('%s', async (operation) => {
    const data = getNamedType(
      (getNamedType(rootField(operation).type) as GraphQLObjectType).getFields().data?.type,
    );
    const selection = isObjectType(data) ? selectionOf(data, DEPTH) : '';
    if (selection === '') return;
    for (const name of VIEWERS) {
      const viewer = name === 'nobody' ? null : scene[name];
      for (const args of (await ARGUMENTS[operation]?.(scene, viewer)) ?? []) {
        // A document that is new goes by resolvers and loaders; asked again, by one statement.
        const isRead = operationNames('query').includes(operation);
        const fresh = `${selection} # ${document++}\n`;
        const answer = await app.api.call(operation, args, viewer?.token, fresh);
        if (isRead) expect(await app.api.call(operation, args, viewer?.token, fresh)).toEqual(answer);
        // What the viewer has just made is theirs, private fields included.
        const isOwn = ['signUp', 'createPlace', 'createProfile'].includes(operation) && answer.data !== null;
        for (const { road, field, id, value } of privateValues(answer.data, operation)) {
          const mine = isOwn && !visible.has(`${name} ${field} ${id}`) && road.split('.').length <= 4;
          if (!mine)
            expect({ road, name, value }).toEqual({
              road,
              name,
              value: visible.get(`${name} ${field} ${id}`) ?? null,
            });
          walked.set(road, (walked.get(road) ?? new Set()).add(value !== null));
        }
      }
    }
  });

  it('was walked, with something to see and something to hide', () => {
    const roads = [...walked.keys()];
    expect(roads.length).toBeGreaterThan(450);
    for (const field of Object.values(PRIVATE)) {
      const seen = roads
        .filter((road) => road.endsWith(`.${field}`))
        .flatMap((road) => [...(walked.get(road) ?? [])]);
      expect(new Set(seen)).toEqual(new Set([true, false]));
    }
  });
});
