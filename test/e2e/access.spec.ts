// The guard table: every operation, for every kind of caller.
import { operationNames } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { b64, partsOf, signToken } from '../support/tokens.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

type CallerKind = 'anonymous' | 'forged' | 'expired' | 'owner' | 'otherLandlord' | 'tenant' | 'otherTenant';

/** One landlord with a place, one tenant with a booking there, and a stranger of each kind. */
interface Scene {
  owner: Person;
  otherLandlord: Person;
  tenant: Person;
  otherTenant: Person;
  cityId: string;
  placeId: string;
  placeCopyId: string;
  bookingId: string;
  caller: Person | null;
}

interface Row {
  args: (scene: Scene) => Record<string, unknown> | Promise<Record<string, unknown>>;
  /** Status that the booking is in when called. */
  booking?: 'PENDING' | 'ACTIVE' | 'COMPLETED';
  /** Codes of refusal by caller; null: it succeeds. Callers left out: as for `others`. */
  expect: Partial<Record<CallerKind, string | null>>;
  others: string | null;
  /** The Authorization header does not matter. */
  ignoresToken?: true;
}

const everyone: Pick<Row, 'expect' | 'others'> = { expect: {}, others: null };
const signedIn: Pick<Row, 'expect' | 'others'> = { expect: { anonymous: 'NOT_SIGNED_IN' }, others: null };
const landlords: Pick<Row, 'expect' | 'others'> = {
  expect: { anonymous: 'NOT_SIGNED_IN', tenant: 'WRONG_ROLE', otherTenant: 'WRONG_ROLE' },
  others: null,
};
const tenants: Pick<Row, 'expect' | 'others'> = {
  expect: { anonymous: 'NOT_SIGNED_IN', owner: 'WRONG_ROLE', otherLandlord: 'WRONG_ROLE' },
  others: null,
};
const only = (...allowed: CallerKind[]): Pick<Row, 'expect' | 'others'> => ({
  expect: { anonymous: 'NOT_SIGNED_IN', ...Object.fromEntries(allowed.map((caller) => [caller, null])) },
  others: 'NOT_YOURS',
});

const ROWS: Record<string, Row> = {
  verifyUser: { args: () => ({}), ...signedIn },
  getUser: { args: ({ owner }) => ({ id: owner.id }), ...everyone },
  getPlace: { args: ({ placeId }) => ({ id: placeId }), ...everyone },
  searchPlaces: { args: () => ({}), ...everyone },
  getReviewsByPlace: { args: ({ placeId }) => ({ placeId }), ...everyone },
  getCities: { args: () => ({}), ...everyone },
  getProfiles: { args: () => ({}), ...everyone },
  getBooking: { args: ({ bookingId }) => ({ id: bookingId }), ...only('owner', 'tenant') },
  getBookings: { args: () => ({}), ...signedIn },
  getNotifications: { args: () => ({}), ...signedIn },
  markNotificationsRead: { args: () => ({}), ...signedIn },
  changePassword: {
    args: () => ({ input: { currentPassword: 'not it', newPassword: 'another long word' } }),
    expect: { anonymous: 'NOT_SIGNED_IN' },
    others: 'BAD_CREDENTIALS',
  },
  signOutEverywhere: { args: () => ({}), ...signedIn },
  getPlaces: { args: ({ placeCopyId }) => ({ placeCopyId }), ...only('owner', 'tenant') },
  addCity: {
    args: () => ({ input: { name: uniqueText(), country: 'DE', timeZone: 'Europe/Berlin' } }),
    ...landlords,
  },
  createPlace: {
    args: ({ cityId }) => ({
      input: {
        cityId,
        title: 't',
        description: 'd',
        address: 'a',
        nightlyPrice: { amount: 1, currency: 'USD' },
        maxGuests: 1,
      },
    }),
    ...landlords,
  },
  updatePlace: { args: ({ placeId }) => ({ input: { id: placeId, title: 'new' } }), ...only('owner') },
  createPendingBooking: {
    args: ({ placeId }) => ({ input: { placeId, checkIn: inDays(20), checkOut: inDays(22), guests: 1 } }),
    ...tenants,
  },
  updatePendingBooking: {
    args: ({ bookingId }) => ({ input: { id: bookingId, guests: 1 } }),
    ...only('tenant'),
  },
  activatePendingBooking: { args: ({ bookingId }) => ({ id: bookingId }), ...only('owner') },
  cancelPendingBooking: { args: ({ bookingId }) => ({ id: bookingId }), ...only('owner', 'tenant') },
  cancelActiveBooking: {
    args: ({ bookingId }) => ({ id: bookingId }),
    booking: 'ACTIVE',
    ...only('owner', 'tenant'),
  },
  completeActiveBooking: {
    args: ({ bookingId }) => ({ id: bookingId }),
    booking: 'ACTIVE',
    ...only('owner'),
  },
  createReview: {
    args: ({ bookingId }) => ({ input: { bookingId, rating: 5, comment: 'Good.' } }),
    booking: 'COMPLETED',
    ...only('tenant'),
  },
  createProfile: { args: () => ({ input: { fullName: 'Me' } }), ...signedIn },
  updateProfile: { args: () => ({ input: { fullName: 'Me again' } }), ...signedIn },
  signUp: {
    args: () => ({
      input: {
        email: `${uniqueText()}@example.com`,
        password: 'long enough',
        role: 'TENANT',
        displayName: 'x',
      },
    }),
    ...everyone,
    ignoresToken: true,
  },
  signIn: {
    args: ({ owner: { email, password } }) => ({ input: { email, password } }),
    ...everyone,
    ignoresToken: true,
  },
  refreshSession: {
    args: ({ owner: { refreshToken } }) => ({ refreshToken }),
    ...everyone,
    ignoresToken: true,
  },
  signOut: { args: ({ owner: { refreshToken } }) => ({ refreshToken }), ...everyone, ignoresToken: true },
};

const CALLERS: CallerKind[] = [
  'anonymous',
  'forged',
  'expired',
  'owner',
  'otherLandlord',
  'tenant',
  'otherTenant',
];

describe('who may call what', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
  });

  afterAll(() => app.stop());

  async function scene(booking: Row['booking'] = 'PENDING'): Promise<Scene> {
    const [owner, otherLandlord, tenant, otherTenant] = await Promise.all([
      world.landlord(),
      world.landlord(),
      world.tenant(),
      world.tenant(),
    ]);
    const place = await world.place(owner);
    const { id } = await world.bookingIn(booking, tenant, owner, place.id);
    const { id: placeId, placeCopyId } = place;
    return {
      owner,
      otherLandlord,
      tenant,
      otherTenant,
      cityId: await world.city(),
      placeId,
      placeCopyId,
      bookingId: id,
      caller: null,
    };
  }

  function tokenOf(kind: CallerKind, all: Scene): string | undefined {
    if (kind === 'anonymous') return undefined;
    if (kind === 'forged')
      return signToken(all.owner, { key: 'another secret of more than thirty-two bytes' });
    if (kind === 'expired') return signToken(all.owner, { expiresIn: -1 });
    return all[kind].token;
  }

  it('has a row for every operation', () => {
    expect(Object.keys(ROWS).sort()).toEqual(
      [...operationNames('query'), ...operationNames('mutation')].sort(),
    );
  });

  describe.each(Object.entries(ROWS))(
    '%s',
    (operation, { args, booking, expect: codes, others, ignoresToken }) => {
      it.each(CALLERS)('by %s', async (kind) => {
        const all = await scene(booking);
        if (operation === 'updateProfile' && kind in all) {
          await app.api.call('createProfile', { input: { fullName: 'Me' } }, tokenOf(kind, all));
        }
        const reply = await app.api.call(operation, await args(all), tokenOf(kind, all));
        const badToken = { forged: 'NOT_SIGNED_IN', expired: 'SESSION_EXPIRED' }[kind as string];
        const expected =
          badToken !== undefined && !ignoresToken
            ? badToken
            : (codes[kind] ?? (kind in codes ? null : others));
        expect({ code: reply.code, message: reply.message }).toEqual({
          code: expected,
          message: expect.any(String),
        });
        expect(reply.data === null).toBe(expected !== null);
      });
    },
  );

  describe('an id of somebody else in the input', () => {
    it.each([
      ['createPlace', 'ownerId', 'owner'],
      ['updatePlace', 'ownerId', 'owner'],
      ['createPendingBooking', 'tenantId', 'tenant'],
      ['updatePendingBooking', 'tenantId', 'tenant'],
      ['createReview', 'reviewerId', 'tenant'],
      ['createProfile', 'ownerId', 'owner'],
      ['updateProfile', 'ownerId', 'owner'],
    ] as const)('is refused in %s.%s, and the own one is fine', async (operation, field, caller) => {
      const row = ROWS[operation] as Row;
      const all = await scene(row.booking);
      if (operation === 'updateProfile')
        await app.api.must('createProfile', { input: { fullName: 'Me' } }, all.owner.token);
      const { input } = (await row.args(all)) as { input: object };
      const { token, id } = all[caller];
      const foreign = await app.api.call(
        operation,
        { input: { ...input, [field]: all.otherTenant.id } },
        token,
      );
      expect(foreign.code).toBe('NOT_YOURS');
      const unknown = await app.api.call(
        operation,
        { input: { ...input, [field]: '01890c5e-6f2a-7c3b-9d4e-0123456789ab' } },
        token,
      );
      expect(unknown.code).toBe('NOT_YOURS');
      expect((await app.api.call(operation, { input: { ...input, [field]: id } }, token)).code).toBeNull();
    });
  });

  describe('bad tokens', () => {
    it.each([
      ['another algorithm', (p: Person) => signToken(p, { algorithm: 'HS512' })],
      [
        'no algorithm',
        (p: Person) => {
          const { header, payload } = partsOf(p.token);
          return `${b64({ ...header, alg: 'none' })}.${b64(payload)}.`;
        },
      ],
      ['another issuer', (p: Person) => signToken(p, { issuer: 'evil' })],
      ['another audience', (p: Person) => signToken(p, { audience: 'other' })],
      ['another type', (p: Person) => signToken(p, { header: { typ: 'JWT' } })],
      ['another key id', (p: Person) => signToken(p, { header: { kid: 'other' } })],
      ['no session', (p: Person) => signToken(p, { claims: { sid: undefined } })],
      ['another role', (p: Person) => signToken(p, { claims: { role: 'ADMIN' } })],
      ['a refresh token', (p: Person) => p.refreshToken],
      ['garbage', () => 'garbage'],
    ])('%s is NOT_SIGNED_IN, also where nobody needs to be', async (_, forge) => {
      const person = await world.landlord();
      for (const operation of ['verifyUser', 'getCities']) {
        expect(await app.api.call(operation, {}, forge(person))).toMatchObject({
          status: 'UNAUTHENTICATED',
          code: 'NOT_SIGNED_IN',
        });
      }
    });

    it('an Authorization header of another scheme is no access token', async () => {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Basic dXNlcjpwYXNz' },
        body: JSON.stringify({ query: '{ getCities { code } }' }),
      });
      expect(await response.json()).toEqual({ data: { getCities: { code: 'NOT_SIGNED_IN' } } });
    });

    it('a genuine token made by hand is accepted, so the forgeries above fail for what is said', async () => {
      const person = await world.landlord();
      expect((await app.api.call('verifyUser', {}, signToken(person))).data).toMatchObject({ id: person.id });
    });
  });
});
