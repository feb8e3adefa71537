// The demo set: a few people, real cities, places, and bookings in every status. Made through the API itself, so that
// it obeys every rule. Running it again makes nothing twice.
import { DEMO_LANDLORD, DEMO_TENANT } from '../src/platform/graphql/sandbox.js';
import { post, type Reply } from './graphql-client.js';

const CITIES = [
  ['Đà Nẵng', 'VN', 'Asia/Ho_Chi_Minh', 16.0678, 108.2208],
  ['Hà Nội', 'VN', 'Asia/Ho_Chi_Minh', 21.0285, 105.8542],
  ['Hội An', 'VN', 'Asia/Ho_Chi_Minh', 15.8801, 108.338],
  ['Kyoto', 'JP', 'Asia/Tokyo', 35.0116, 135.7681],
  ['Lisboa', 'PT', 'Europe/Lisbon', 38.7223, -9.1393],
  ['Berlin', 'DE', 'Europe/Berlin', 52.52, 13.405],
  ['Köln', 'DE', 'Europe/Berlin', 50.9375, 6.9603],
  ['México', 'MX', 'America/Mexico_City', 19.4326, -99.1332],
  ['New York', 'US', 'America/New_York', 40.7128, -74.006],
  ['Auckland', 'NZ', 'Pacific/Auckland', -36.8509, 174.7645],
  ['Nairobi', 'KE', 'Africa/Nairobi', -1.2921, 36.8219],
  ['Reykjavík', 'IS', 'Atlantic/Reykjavik', 64.1466, -21.9426],
] as const;

const PEOPLE = [
  {
    ...DEMO_LANDLORD,
    role: 'LANDLORD',
    displayName: 'Linh Trần',
    phone: '+84901234567',
    languages: ['Tiếng Việt', 'English'],
  },
  {
    ...DEMO_TENANT,
    role: 'TENANT',
    displayName: 'Jonas Weber',
    phone: '+491701234567',
    languages: ['Deutsch', 'English'],
  },
  {
    email: 'amara@roost.example',
    password: 'under one good roof',
    role: 'LANDLORD',
    displayName: 'Amara Okafor',
    phone: '+254712345678',
    languages: ['English', 'Kiswahili'],
  },
  {
    email: 'sofia@roost.example',
    password: 'a window to the sea',
    role: 'TENANT',
    displayName: 'Sofia Almeida',
    phone: '+351912345678',
    languages: ['Português', 'English'],
  },
] as const;

const PLACES = [
  {
    by: 0,
    city: 'Đà Nẵng',
    title: 'Room above the Hàn river',
    description: 'Fourth floor, a balcony over the water, the dragon bridge to the left.',
    address: '68 Bạch Đằng',
    amount: 3800,
    currency: 'USD',
    maxGuests: 2,
    amenities: ['wifi', 'balcony', 'breakfast'],
    copies: 3,
  },
  {
    by: 0,
    city: 'Hội An',
    title: 'Old town courtyard house',
    description: 'A yellow house around a courtyard, ten minutes by bicycle from the beach.',
    address: '25 Trần Phú',
    amount: 1650000,
    currency: 'VND',
    maxGuests: 6,
    amenities: ['wifi', 'kitchen', 'bicycles'],
    copies: 1,
  },
  {
    by: 0,
    city: 'Hà Nội',
    title: 'Attic by the train street',
    description: 'Small, bright, and the train passes twice a day.',
    address: '5 Trần Phú',
    amount: 2900,
    currency: 'USD',
    maxGuests: 2,
    amenities: ['wifi', 'desk'],
    copies: 1,
  },
  {
    by: 2,
    city: 'Nairobi',
    title: 'Garden cottage in Karen',
    description: 'A cottage under jacarandas, with a fireplace for July.',
    address: '12 Mokoyeti Road',
    amount: 5200,
    currency: 'USD',
    maxGuests: 4,
    amenities: ['garden', 'fireplace', 'parking'],
    copies: 2,
  },
  {
    by: 2,
    city: 'Lisboa',
    title: 'Tiled flat in Alfama',
    description: 'Two rooms, blue tiles, stairs everywhere, and a view worth them.',
    address: 'Rua de São Miguel 30',
    amount: 7400,
    currency: 'EUR',
    maxGuests: 3,
    amenities: ['wifi', 'kitchen', 'view'],
    copies: 1,
  },
  {
    by: 2,
    city: 'Berlin',
    title: 'Quiet room off Kastanienallee',
    description: 'In the back house, morning sun, a baker downstairs.',
    address: 'Oderberger Straße 14',
    amount: 6100,
    currency: 'EUR',
    maxGuests: 2,
    amenities: ['wifi', 'desk', 'washing machine'],
    copies: 1,
  },
] as const;

const PARTS = 'status message code fieldErrors { path message }';

interface Person {
  id: string;
  token: string;
}

interface City {
  id: string;
  name: string;
  country: string;
}

/** Fills an empty Roost at the given GraphQL address. */
export async function seedDemo(url: string): Promise<void> {
  const people = [];
  for (const person of PEOPLE) people.push(await signUp(url, person));
  const [landlord, tenant, otherLandlord, otherTenant] = people as [Person, Person, Person, Person];
  const cities = new Map<string, string>();
  for (const city of CITIES) cities.set(city[0], await addCity(url, landlord, city));
  const places: string[] = [];
  for (const place of PLACES)
    places.push(await createPlace(url, place.by === 0 ? landlord : otherLandlord, place, cities));
  const [river, courtyard, attic, cottage, flat, room] = places as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  // A stay that is over, with its review; one that is confirmed; requests that wait; one that was called off.
  await stay(url, otherTenant, landlord, river, [0, 3], 'completed', {
    rating: 5,
    comment: 'The balcony at sunrise is worth the flight.',
  });
  await stay(url, tenant, landlord, courtyard, [0, 5], 'completed', {
    rating: 4,
    comment: 'Lovely house, and Linh lent us her bicycles.',
  });
  await stay(url, tenant, landlord, river, [14, 18], 'active');
  await stay(url, tenant, landlord, attic, [30, 33], 'pending');
  await stay(url, otherTenant, landlord, attic, [31, 35], 'pending');
  await stay(url, otherTenant, landlord, courtyard, [40, 44], 'cancelled');
  await stay(url, tenant, otherLandlord, cottage, [0, 2], 'completed', {
    rating: 5,
    comment: 'We came for the giraffes and stayed for the fireplace.',
  });
  await stay(url, otherTenant, otherLandlord, flat, [10, 15], 'active');
  await stay(url, tenant, otherLandlord, room, [60, 67], 'pending');
}

async function signUp(
  url: string,
  { phone, languages, ...account }: (typeof PEOPLE)[number],
): Promise<Person> {
  const session = '{ data { accessToken user { id } } status message code fieldErrors { path message } }';
  interface Session {
    accessToken: string;
    user: { id: string };
  }
  let reply = await call<Session | null>(
    url,
    `mutation ($input: SignUpInput!) { signUp(input: $input) ${session} }`,
    { input: account },
    null,
    ['EMAIL_TAKEN'],
  );
  if (reply.data === null) {
    const { email, password } = account;
    reply = await call(
      url,
      `mutation ($input: SignInInput!) { signIn(input: $input) ${session} }`,
      { input: { email, password } },
      null,
    );
  }
  const { accessToken: token, user } = reply.data as Session;
  const profile = { fullName: account.displayName, phone, languages };
  await call(
    url,
    `mutation ($input: CreateProfileInput!) { createProfile(input: $input) { ${PARTS} } }`,
    { input: profile },
    token,
    ['PROFILE_EXISTS'],
  );
  return { id: user.id, token };
}

async function addCity(
  url: string,
  landlord: Person,
  [name, country, timeZone, latitude, longitude]: (typeof CITIES)[number],
): Promise<string> {
  const input = { name, country, timeZone, latitude, longitude };
  const added = await call<{ id: string } | null>(
    url,
    `mutation ($input: AddCityInput!) { addCity(input: $input) { ${PARTS} data { id } } }`,
    { input },
    landlord.token,
    ['CITY_EXISTS'],
  );
  if (added.data !== null) return added.data.id;
  const found = await call<{ nodes: City[] }>(
    url,
    `query ($search: String) { getCities(search: $search) { ${PARTS} data { nodes { id name country } } } }`,
    { search: name },
    landlord.token,
  );
  const city = found.data.nodes.find((node) => node.country === country);
  if (city === undefined) throw new Error(`${name} is neither new nor in the list.`);
  return city.id;
}

async function createPlace(
  url: string,
  owner: Person,
  place: (typeof PLACES)[number],
  cities: Map<string, string>,
): Promise<string> {
  const own = await call<{ nodes: { id: string; title: string }[] }>(
    url,
    `query ($filter: PlaceFilter) { searchPlaces(filter: $filter, first: 100) { ${PARTS} data { nodes { id title } } } }`,
    { filter: { ownerId: owner.id } },
    owner.token,
  );
  const existing = own.data.nodes.find(({ title }) => title === place.title);
  if (existing !== undefined) return existing.id;
  const { city, amount, currency, by: _by, ...details } = place;
  const input = { ...details, cityId: cities.get(city), nightlyPrice: { amount, currency } };
  const made = await call<{ id: string }[]>(
    url,
    `mutation ($input: CreatePlaceInput!) { createPlace(input: $input) { ${PARTS} data { id } } }`,
    { input },
    owner.token,
  );
  return (made.data[0] as { id: string }).id;
}

type Outcome = 'pending' | 'active' | 'completed' | 'cancelled';

/** One stay, `days` counted from today; the same again changes nothing. */
async function stay(
  url: string,
  tenant: Person,
  landlord: Person,
  placeId: string,
  [from, to]: readonly [number, number],
  outcome: Outcome,
  review?: { rating: number; comment: string },
): Promise<void> {
  const today = await todayAt(url, placeId);
  const input = {
    placeId,
    checkIn: addDays(today, from),
    checkOut: addDays(today, to),
    guests: 2,
    note: 'We are looking forward to it.',
    idempotencyKey: `demo ${placeId} ${from} ${to}`,
  };
  const done = ['ILLEGAL_TRANSITION', 'REVIEW_EXISTS', 'IDEMPOTENCY_MISMATCH', 'DATES_TAKEN'];
  const asked = await call<{ id: string } | null>(
    url,
    `mutation ($input: CreatePendingBookingInput!) { createPendingBooking(input: $input) { ${PARTS} data { id } } }`,
    { input },
    tenant.token,
    done,
  );
  if (asked.data === null) return;
  const { id } = asked.data;
  const step = (name: string, who: Person) =>
    call(url, `mutation ($id: ID!) { ${name}(id: $id) { ${PARTS} } }`, { id }, who.token, done);
  if (outcome === 'cancelled') await step('cancelPendingBooking', tenant);
  if (outcome === 'active' || outcome === 'completed') await step('activatePendingBooking', landlord);
  if (outcome === 'completed') await step('completeActiveBooking', landlord);
  if (review !== undefined) {
    const written = { bookingId: id, ...review };
    await call(
      url,
      `mutation ($input: CreateReviewInput!) { createReview(input: $input) { ${PARTS} } }`,
      { input: written },
      tenant.token,
      done,
    );
  }
}

async function todayAt(url: string, placeId: string): Promise<string> {
  const { data } = await call<{ city: { timeZone: string } }>(
    url,
    `query ($id: ID!) { getPlace(id: $id) { ${PARTS} data { city { timeZone } } } }`,
    { id: placeId },
    null,
  );
  // Sweden writes dates the ISO way.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: data.city.timeZone }).format(new Date());
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The one answer of a document with one operation field; a refusal that is not in `fine` is a fault. */
async function call<Data>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  token: string | null,
  fine: readonly string[] = [],
): Promise<Reply<Data>> {
  const { data, errors } = await post(url, query, variables, token ?? undefined);
  const [reply] = Object.values(data ?? {}) as Reply<Data>[];
  if (reply === undefined || (reply.code !== null && !fine.includes(reply.code))) {
    throw new Error(`The demo set met a refusal: ${JSON.stringify(reply ?? errors)}`);
  }
  return reply;
}
