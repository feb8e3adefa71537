// Every input limit, on both sides of its edge; and what leaving out, null and bad characters mean.
import { type Json, type Reply } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, uniqueText, World } from '../support/world.js';

/** One input field of an operation: what is fine, and what is refused at `path` (by default the field's own). */
interface Limit {
  operation: string;
  field: string;
  fine: Json[];
  /** Where the path is another than the field's own, made with at(). */
  refused: Json[];
}

const emoji = (length: number) => '🏠'.repeat(length);
const letters = (length: number) => 'x'.repeat(length);
const HOSTILE = ['nul \0 in it', 'lone \ud800 surrogate', 'lone \udc00 surrogate'];
const at = (path: string, value: Json) => ({ value, path });

/** A required text of at most `max` code points, trimmed first. */
function text(operation: string, field: string, max: number): Limit {
  return {
    operation,
    field,
    fine: ['x', letters(max), emoji(max), `  ${letters(max)}  `],
    refused: ['', '   ', letters(max + 1), emoji(max + 1), ...HOSTILE],
  };
}

/** The same where nothing is fine, too. */
function optionalText(operation: string, field: string, max: number): Limit {
  return {
    ...text(operation, field, max),
    fine: ['', 'x', letters(max), emoji(max), null],
    refused: [letters(max + 1), emoji(max + 1), ...HOSTILE],
  };
}

function list(operation: string, field: string): Limit {
  return {
    operation,
    field,
    fine: [[], Array.from({ length: 50 }, (_, n) => `item ${n}`), [letters(60)], [emoji(60)]],
    refused: [
      Array.from({ length: 51 }, (_, n) => `item ${n}`),
      at(`${field}.1`, ['ok', letters(61)]),
      at(`${field}.0`, ['']),
      at(`${field}.2`, ['a', 'b', '  ']),
      at(`${field}.0`, ['nul \0']),
    ],
  };
}

const NUMBER_50 = Array.from({ length: 49 }, (_, n) => `a${n}`).join('.');

const LIMITS: Limit[] = [
  {
    operation: 'signUp',
    field: 'email',
    fine: [
      'a@b.co',
      ' spaces.around@example.com ',
      'UPPER@EXAMPLE.COM',
      `${letters(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(58)}.co`,
    ],
    refused: [
      '',
      'a',
      'a@',
      '@b.co',
      'a b@c.de',
      'a@b',
      `${letters(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(59)}.co`,
      `${NUMBER_50}@b.co.`,
      ...HOSTILE,
    ],
  },
  {
    operation: 'signUp',
    field: 'password',
    fine: ['x y z xy', letters(128), emoji(8), emoji(128), '        ', ' 8 chars'],
    refused: ['', 'x y z x', letters(129), emoji(7), 'password', 'PassWord', '1234567890', ...HOSTILE],
  },
  text('signUp', 'displayName', 120),
  { ...text('addCity', 'name', 120), fine: ['x', letters(120), emoji(120)] },
  {
    operation: 'addCity',
    field: 'country',
    fine: ['VN', 'DE', ' US '],
    refused: ['', 'V', 'XX', 'vn', 'VNM', 'ZZ'],
  },
  {
    operation: 'addCity',
    field: 'timeZone',
    fine: ['Asia/Ho_Chi_Minh', 'Etc/UTC', 'America/Argentina/Ushuaia'],
    refused: ['', 'Mars/Olympus', '+07:00', 'UTC+7', 'Asia/../etc'],
  },
  text('createPlace', 'title', 120),
  text('createPlace', 'description', 5000),
  text('createPlace', 'address', 500),
  list('createPlace', 'amenities'),
  { operation: 'createPlace', field: 'maxGuests', fine: [1, 100], refused: [0, -1, 101] },
  { operation: 'createPlace', field: 'copies', fine: [1, 200, null], refused: [0, -1, 201] },
  {
    operation: 'createPlace',
    field: 'nightlyPrice',
    fine: [
      { amount: 1, currency: 'USD' },
      { amount: 1e12, currency: 'VND' },
    ],
    refused: [
      at('nightlyPrice.amount', { amount: 0, currency: 'USD' }),
      at('nightlyPrice.amount', { amount: -5, currency: 'USD' }),
      at('nightlyPrice.amount', { amount: 1e12 + 1, currency: 'USD' }),
      at('nightlyPrice.currency', { amount: 1, currency: 'XXQ' }),
      at('nightlyPrice.currency', { amount: 1, currency: 'usd' }),
      at('nightlyPrice.currency', { amount: 1, currency: '' }),
    ],
  },
  {
    operation: 'createPlace',
    field: 'cityId',
    fine: [],
    refused: ['', 'x', '123', "' OR 1=1 --", '01890c5e-6f2a-7c3b-9d4e-0123456789a'],
  },
  { operation: 'createPlace', field: 'ownerId', fine: [null], refused: ['', 'x'] },
  text('updatePlace', 'title', 120),
  text('updatePlace', 'description', 5000),
  text('updatePlace', 'address', 500),
  list('updatePlace', 'amenities'),
  { operation: 'updatePlace', field: 'maxGuests', fine: [1, 100], refused: [0, 101, null] },
  { operation: 'updatePlace', field: 'title', fine: [], refused: [null] },
  { operation: 'updatePlace', field: 'amenities', fine: [], refused: [null] },
  { operation: 'updatePlace', field: 'nightlyPrice', fine: [], refused: [null] },
  { operation: 'updatePlace', field: 'listed', fine: [true, false], refused: [null] },
  { operation: 'updatePlace', field: 'copies', fine: [1, 2], refused: [0, 201, null] },
  { operation: 'updatePlace', field: 'id', fine: [], refused: ['', 'x'] },
  optionalText('createPendingBooking', 'note', 1000),
  {
    operation: 'createPendingBooking',
    field: 'idempotencyKey',
    fine: ['k', letters(255), null],
    refused: ['', '  ', letters(256), ...HOSTILE],
  },
  { operation: 'createPendingBooking', field: 'guests', fine: [1, 4], refused: [0, -1, 5, 101] },
  {
    operation: 'createPendingBooking',
    field: 'checkOut',
    fine: [inDays(11), inDays(375)],
    refused: [inDays(10), inDays(9), inDays(376)],
  },
  { operation: 'createPendingBooking', field: 'placeId', fine: [], refused: ['', 'x'] },
  optionalText('updatePendingBooking', 'note', 1000),
  { operation: 'updatePendingBooking', field: 'guests', fine: [1, 4], refused: [0, 5, null] },
  { operation: 'updatePendingBooking', field: 'checkIn', fine: [inDays(1)], refused: [null, inDays(-1)] },
  {
    operation: 'updatePendingBooking',
    field: 'checkOut',
    fine: [inDays(20)],
    refused: [null, at('checkOut', inDays(10))],
  },
  { operation: 'createReview', field: 'rating', fine: [], refused: [0, 6, -1] },
  {
    operation: 'createReview',
    field: 'comment',
    fine: [],
    refused: ['', ' ', letters(5001), emoji(5001), ...HOSTILE],
  },
  text('updateProfile', 'fullName', 120),
  { ...optionalText('updateProfile', 'bio', 5000) },
  list('updateProfile', 'languages'),
  {
    operation: 'updateProfile',
    field: 'avatarUrl',
    fine: ['https://example.com/a.png', null],
    refused: ['http://example.com/a.png', 'ftp://x.y', 'javascript:alert(1)', 'example.com', 'https://', ''],
  },
  {
    operation: 'updateProfile',
    field: 'phone',
    fine: ['+84901234567', '+123456789012345', null],
    refused: ['', '84901234567', '+0123', '+1234567890123456', '+84 90 123', '+84x'],
  },
  { operation: 'updateProfile', field: 'fullName', fine: [], refused: [null] },
  { operation: 'updateProfile', field: 'languages', fine: [], refused: [null] },
  text('createProfile', 'fullName', 120),
];

/** Arguments that stand by themselves, outside input. */
const ARGUMENTS: Limit[] = [
  ...['getCities', 'searchPlaces', 'getProfiles', 'getBookings', 'getNotifications', 'getReviewsByPlace'].map(
    (operation) => ({
      operation,
      field: 'first',
      fine: [1, 100, null],
      refused: [0, -1, 101],
    }),
  ),
  ...['getCities', 'searchPlaces', 'getProfiles', 'getBookings', 'getNotifications', 'getReviewsByPlace'].map(
    (operation) => ({
      operation,
      field: 'after',
      fine: [null],
      refused: [
        '',
        'x',
        'bm90IGpzb24',
        Buffer.from('["x"]').toString('base64url'),
        Buffer.from('["x",{},"y"]').toString('base64url'),
      ],
    }),
  ),
  {
    operation: 'getCities',
    field: 'search',
    fine: ['', letters(120), '%', '_', '\\', null],
    refused: [letters(121), ...HOSTILE],
  },
  { operation: 'getUser', field: 'id', fine: [], refused: ['', 'x', '%', '1'] },
  { operation: 'getPlace', field: 'id', fine: [], refused: ['x'] },
  { operation: 'getPlaces', field: 'placeCopyId', fine: [], refused: ['x'] },
  { operation: 'getBooking', field: 'id', fine: [], refused: ['x'] },
  { operation: 'getReviewsByPlace', field: 'placeId', fine: [], refused: ['x'] },
  { operation: 'getBookings', field: 'placeId', fine: [null], refused: ['x', ''] },
  { operation: 'activatePendingBooking', field: 'id', fine: [], refused: ['x'] },
  { operation: 'cancelPendingBooking', field: 'reason', fine: [], refused: [letters(1001), ...HOSTILE] },
  { operation: 'cancelActiveBooking', field: 'reason', fine: [], refused: [emoji(1001)] },
  {
    operation: 'markNotificationsRead',
    field: 'ids',
    fine: [[], null],
    refused: [at('ids.0', ['x']), at('ids.1', ['01890c5e-6f2a-7c3b-9d4e-0123456789ab', ''])],
  },
  {
    operation: 'searchPlaces',
    field: 'filter',
    fine: [
      {},
      null,
      { guests: 1 },
      { guests: 100 },
      { checkIn: '2020-01-01', checkOut: '2020-01-02' },
      { cityId: null },
    ],
    refused: [
      at('filter.guests', { guests: 0 }),
      at('filter.guests', { guests: 101 }),
      at('filter.cityId', { cityId: 'x' }),
      at('filter.ownerId', { ownerId: 'x' }),
      at('filter.checkOut', { checkIn: '2030-01-01' }),
      at('filter.checkIn', { checkOut: '2030-01-01' }),
      at('filter.checkOut', { checkIn: '2030-01-02', checkOut: '2030-01-02' }),
    ],
  },
];

describe('input limits', () => {
  let app: TestApp;
  let world: World;
  let owner: Person;
  let tenant: Person;
  let placeId: string;
  let bookingId: string;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
    [owner, tenant] = await Promise.all([world.landlord(), world.tenant()]);
    placeId = (await world.place(owner)).id;
    bookingId = (await world.ask(tenant, placeId)).id;
    await app.api.must('createProfile', { input: { fullName: 'Me' } }, owner.token);
  });

  afterAll(() => app.stop());

  /** A whole valid input for the operation, and who sends it. */
  async function valid(operation: string): Promise<{ args: Json; token?: string }> {
    switch (operation) {
      case 'signUp':
        return {
          args: {
            input: {
              email: `${uniqueText()}@example.com`,
              password: 'long enough',
              role: 'TENANT',
              displayName: 'x',
            },
          },
        };
      case 'addCity':
        return {
          args: { input: { name: uniqueText(), country: 'VN', timeZone: 'Asia/Ho_Chi_Minh' } },
          token: owner.token,
        };
      case 'createPlace':
        return { args: { input: await world.placeInput() }, token: owner.token };
      case 'updatePlace':
        return { args: { input: { id: (await world.place(owner)).id, listed: true } }, token: owner.token };
      case 'createPendingBooking':
        return {
          args: { input: { placeId, checkIn: inDays(10), checkOut: inDays(12), guests: 1 } },
          token: tenant.token,
        };
      case 'updatePendingBooking':
        return { args: { input: { id: (await world.ask(tenant, placeId)).id } }, token: tenant.token };
      case 'createReview':
        return { args: { input: { bookingId, rating: 5, comment: 'x' } }, token: tenant.token };
      case 'createProfile':
        return { args: { input: { fullName: 'x' } }, token: (await world.tenant()).token };
      case 'updateProfile':
        return { args: { input: {} }, token: owner.token };
      case 'getReviewsByPlace':
        return { args: { placeId } };
      default:
        return { args: operation.endsWith('Booking') ? { id: bookingId } : {}, token: tenant.token };
    }
  }

  async function send({ operation, field }: Limit, value: Json): Promise<Reply<Json>> {
    const { args, token } = await valid(operation);
    const whole =
      args.input === undefined ? { ...args, [field]: value } : { input: { ...args.input, [field]: value } };
    return app.api.call(operation, whole, token);
  }

  const cases = [...LIMITS, ...ARGUMENTS];
  const shown = (value: unknown) => JSON.stringify(value).slice(0, 60);
  const fine = cases.flatMap((limit) =>
    limit.fine.map((value) => [limit.operation, limit.field, shown(value), limit, value] as const),
  );
  const refused = cases.flatMap((limit) =>
    limit.refused.map((entry) => {
      const { value, path } =
        typeof entry === 'object' && entry !== null && 'path' in entry ? entry : at(limit.field, entry);
      return [limit.operation, path, shown(value), limit, value] as const;
    }),
  );

  it.each(fine)('%s.%s takes %s', async (_, __, ___, limit, value) => {
    expect(await send(limit, value)).toMatchObject({ code: null, fieldErrors: null });
  });

  it.each(refused)('%s.%s refuses %s', async (_, path, __, limit, value) => {
    const reply = await send(limit, value);
    expect(reply).toMatchObject({ status: 'BAD_REQUEST', code: 'INVALID_INPUT', data: null });
    expect(reply.fieldErrors).toEqual([{ path, message: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  describe('latitude and longitude', () => {
    it.each([
      [90, 180, []],
      [-90, -180, []],
      [0, 0, []],
      [90.001, 0, ['latitude']],
      [0, -180.001, ['longitude']],
      [1, undefined, ['longitude']],
      [undefined, 1, ['latitude']],
      [91, 181, ['latitude', 'longitude']],
    ])('%s, %s', async (latitude, longitude, paths) => {
      const input = { name: uniqueText(), country: 'VN', timeZone: 'Etc/UTC', latitude, longitude };
      const reply = await app.api.call('addCity', { input }, owner.token);
      expect((reply.fieldErrors ?? []).map(({ path }) => path)).toEqual(paths);
      expect(reply.code).toBe(paths.length === 0 ? null : 'INVALID_INPUT');
    });
  });

  it('every bad field is named at once', async () => {
    const input = {
      placeId: 'x',
      tenantId: 'y',
      checkIn: inDays(5),
      checkOut: inDays(5),
      guests: 0,
      note: letters(1001),
      idempotencyKey: ' ',
    };
    const reply = await app.api.call('createPendingBooking', { input }, tenant.token);
    expect(reply.fieldErrors?.map(({ path }) => path).sort()).toEqual([
      'checkOut',
      'guests',
      'idempotencyKey',
      'note',
      'placeId',
      'tenantId',
    ]);
    const place = {
      ...(await world.placeInput()),
      title: '',
      nightlyPrice: { amount: 0, currency: '?' },
      amenities: ['', 'ok', ''],
      maxGuests: 0,
    };
    const second = await app.api.call('createPlace', { input: place }, owner.token);
    expect(second.fieldErrors?.map(({ path }) => path).sort()).toEqual([
      'amenities.0',
      'amenities.2',
      'maxGuests',
      'nightlyPrice.amount',
      'nightlyPrice.currency',
      'title',
    ]);
    const page = await app.api.call('getBookings', { first: 0, after: 'x', placeId: 'y' }, tenant.token);
    expect(page.fieldErrors?.map(({ path }) => path).sort()).toEqual(['after', 'first', 'placeId']);
  });

  it('what needs the place comes second, all of it at once', async () => {
    const input = { placeId, checkIn: inDays(-3), checkOut: inDays(2), guests: 5 };
    const reply = await app.api.call('createPendingBooking', { input }, tenant.token);
    expect(reply.fieldErrors?.map(({ path }) => path)).toEqual(['checkIn', 'guests']);
  });

  it('texts are kept trimmed, passwords to the letter', async () => {
    const place = await world.place(owner, { title: '  A title \n', amenities: [' wifi '] });
    expect(place).toMatchObject({ title: 'A title', amenities: ['wifi'] });
    const email = `${uniqueText()}@example.com`;
    await app.api.must('signUp', {
      input: { email, password: '  padded  ', role: 'TENANT', displayName: ' x ' },
    });
    expect((await app.api.call('signIn', { input: { email, password: 'padded' } })).code).toBe(
      'BAD_CREDENTIALS',
    );
    expect(
      (await app.api.call('signIn', { input: { email: ` ${email.toUpperCase()} `, password: '  padded  ' } }))
        .code,
    ).toBeNull();
  });

  it('a number that is no whole one, or a date that is none, never reaches the operation', async () => {
    for (const input of [
      { guests: 1.5 },
      { guests: '1' },
      { checkIn: '2027-02-30' },
      { checkIn: '0000-01-01' },
      { checkIn: '2027-1-1' },
      { placeId: 1.5 },
    ]) {
      const whole = { placeId, checkIn: inDays(1), checkOut: inDays(2), guests: 1, ...input };
      const { data, errors, httpStatus } = await app.api.post(
        'mutation ($input: CreatePendingBookingInput!) { createPendingBooking(input: $input) { code } }',
        { input: whole },
        tenant.token,
      );
      expect({ data, httpStatus }).toEqual({ data: undefined, httpStatus: 400 });
      expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });

  it('a cursor of another list is refused', async () => {
    const page = await app.api.must('getProfiles', {}, undefined, '{ pageInfo { endCursor } }');
    const after = page.pageInfo.endCursor as string;
    expect(after).toEqual(expect.any(String));
    for (const [operation, args] of [
      ['getCities', {}],
      ['searchPlaces', {}],
      ['getProfiles', { role: 'TENANT' }],
      ['getBookings', {}],
      ['getNotifications', {}],
      ['getReviewsByPlace', { placeId }],
    ] as const) {
      const reply = await app.api.call(operation, { ...args, after }, tenant.token);
      expect(reply.fieldErrors).toEqual([{ path: 'after', message: expect.any(String) }]);
    }
  });
});
