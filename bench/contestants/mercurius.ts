// mercurius with graphql-jit and loaders, on Fastify and pg: GraphQL without Nest and Apollo.
import Fastify from 'fastify';
import mercurius, { type IResolvers } from 'mercurius';
import { ready, settings } from './settings.js';
import { type BookingRequest, Refusal, Sql } from './sql.js';
import { type Caller, Tokens } from './token.js';

const SCHEMA = `
  enum ResponseStatus { OK CREATED }
  scalar DateTime
  scalar LocalDate
  type Money { amount: Float! currency: String! }
  type User { id: ID! displayName: String! }
  type City { id: ID! name: String! timeZone: String! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Review { id: ID! rating: Int! comment: String! createdAt: DateTime! reviewer: User! }
  type ReviewConnection { nodes: [Review!]! }
  type Place {
    id: ID! placeCopyId: ID! copyNumber: Int! title: String! description: String! maxGuests: Int! listed: Boolean!
    nightlyPrice: Money! reviewCount: Int! averageRating: Float createdAt: DateTime!
    owner: User! city: City! reviews(first: Int = 20): ReviewConnection!
  }
  type PlaceConnection { nodes: [Place!]! pageInfo: PageInfo! }
  type Booking {
    id: ID! status: String! checkIn: LocalDate! checkOut: LocalDate! nights: Int! guests: Int! total: Money!
    version: Int! createdAt: DateTime! place: Place! tenant: User!
  }
  type BookingConnection { nodes: [Booking!]! pageInfo: PageInfo! }
  type PlaceResponse { status: ResponseStatus! message: String! code: String data: Place }
  type PlaceConnectionResponse { status: ResponseStatus! message: String! code: String data: PlaceConnection }
  type BookingResponse { status: ResponseStatus! message: String! code: String data: Booking }
  type BookingConnectionResponse { status: ResponseStatus! message: String! code: String data: BookingConnection }
  input PlaceFilter { cityId: ID guests: Int }
  input CreatePendingBookingInput { placeId: ID! checkIn: LocalDate! checkOut: LocalDate! guests: Int! }
  type Query {
    getPlace(id: ID!): PlaceResponse!
    searchPlaces(filter: PlaceFilter, first: Int = 20): PlaceConnectionResponse!
    getBookings(first: Int = 20): BookingConnectionResponse!
  }
  type Mutation {
    createPendingBooking(input: CreatePendingBookingInput!): BookingResponse!
    activatePendingBooking(id: ID!): BookingResponse!
    cancelActiveBooking(id: ID!): BookingResponse!
  }`;

const PLACE = `p.id, p.place_copy_id AS "placeCopyId", p.copy_number AS "copyNumber", p.title, p.description,
  p.max_guests AS "maxGuests", p.listed, p.created_at AS "createdAt", p.owner_id AS "ownerId", p.city_id AS "cityId",
  json_build_object('amount', p.nightly_amount, 'currency', p.currency) AS "nightlyPrice", g.review_count AS "reviewCount",
  g.rating_sum::float / nullif(g.review_count, 0) AS "averageRating", g.created_at AS "groupCreatedAt"`;

const PLACES_BY_ID = `SELECT ${PLACE} FROM place p JOIN place_group g ON g.id = p.place_copy_id WHERE p.id = ANY($1)`;

const PLACES_IN_CITY = `SELECT ${PLACE} FROM place_group g
  CROSS JOIN LATERAL (SELECT * FROM place p WHERE p.place_copy_id = g.id AND p.listed AND p.max_guests >= $3
                      ORDER BY p.copy_number LIMIT 1) p
  WHERE g.city_id = $2 ORDER BY g.created_at DESC, g.id DESC LIMIT $1`;

const BOOKINGS_OF_LANDLORD = `SELECT id, status, check_in AS "checkIn", check_out AS "checkOut", check_out - check_in AS nights,
    guests, json_build_object('amount', total_amount, 'currency', currency) AS total, version, created_at AS "createdAt",
    place_id AS "placeId", tenant_id AS "tenantId"
  FROM booking WHERE landlord_id = $2 ORDER BY created_at DESC, id DESC LIMIT $1`;

const USERS = `SELECT id, display_name AS "displayName" FROM users WHERE id = ANY($1)`;
const CITIES = `SELECT id, name, time_zone AS "timeZone" FROM city WHERE id = ANY($1)`;

const REVIEWS = `SELECT wanted.index, r.* FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS wanted (group_id, first, index)
  CROSS JOIN LATERAL (
    SELECT r.id, r.rating, r.comment, r.created_at AS "createdAt", r.reviewer_id AS "reviewerId" FROM review r
    WHERE r.place_copy_id = wanted.group_id ORDER BY r.created_at DESC, r.id DESC LIMIT wanted.first) r
  ORDER BY wanted.index, r."createdAt" DESC, r.id DESC`;

interface Context {
  caller: () => Caller;
}

interface Row {
  id: string;
  ownerId: string;
  cityId: string;
  placeId: string;
  tenantId: string;
  reviewerId: string;
  placeCopyId: string;
  createdAt: Date;
  groupCreatedAt?: Date;
}

/** What a loader is asked: of this parent, with these arguments. */
interface Asked {
  obj: Row;
  params: { first: number };
}

const sql = new Sql(settings.databaseUrl, settings.poolSize);
const tokens = new Tokens(settings.secret);

const ok = (data: unknown) => ({ status: 'OK', message: 'Here you are.', code: null, data });
const created = (data: unknown) => ({ status: 'CREATED', message: 'Done.', code: null, data });

async function page(name: string, text: string, values: unknown[], first: number) {
  const rows = await sql.rows<Row>(name, text, [first + 1, ...values]);
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  const position = last && [last.groupCreatedAt ?? last.createdAt, last.placeCopyId, last.id];
  const endCursor =
    position === undefined ? null : Buffer.from(JSON.stringify(position)).toString('base64url');
  return ok({ nodes, pageInfo: { hasNextPage: rows.length > first, endCursor } });
}

/** A loader of what the parents name by an id. */
function byId(name: string, text: string, keyOf: (parent: Row) => string) {
  return async (queries: Asked[]) => {
    const keys = queries.map(({ obj }) => keyOf(obj));
    const found = new Map(
      (await sql.rows<Row>(name, text, [[...new Set(keys)]])).map((row) => [row.id, row]),
    );
    return keys.map((key) => found.get(key));
  };
}

async function reviews(queries: Asked[]) {
  const pages = queries.map((): object[] => []);
  const groups = queries.map(({ obj }) => obj.placeCopyId);
  const firsts = queries.map(({ params }) => params.first);
  for (const row of await sql.rows<Row & { index: number }>('reviews', REVIEWS, [groups, firsts])) {
    pages[row.index - 1]?.push(row);
  }
  return pages.map((nodes) => ({ nodes }));
}

const resolvers = {
  Query: {
    getPlace: async (_: unknown, { id }: { id: string }) => {
      const [place] = await sql.rows('place', PLACES_BY_ID, [[id]]);
      if (place === undefined) throw new Refusal(404);
      return ok(place);
    },
    searchPlaces: (
      _: unknown,
      { filter, first }: { filter: { cityId: string; guests: number }; first: number },
    ) => page('search', PLACES_IN_CITY, [filter.cityId, filter.guests], first),
    getBookings: (_: unknown, { first }: { first: number }, { caller }: Context) =>
      page('bookings', BOOKINGS_OF_LANDLORD, [caller().id], first),
  },
  Mutation: {
    createPendingBooking: async (_: unknown, { input }: { input: BookingRequest }, { caller }: Context) =>
      created(await sql.createPending(caller(), input)),
    activatePendingBooking: async (_: unknown, { id }: { id: string }, { caller }: Context) =>
      ok(await sql.transition(caller(), id, 'activate')),
    cancelActiveBooking: async (_: unknown, { id }: { id: string }, { caller }: Context) =>
      ok(await sql.transition(caller(), id, 'cancel')),
  },
};

const loaders = {
  Place: {
    owner: byId('users', USERS, ({ ownerId }) => ownerId),
    city: byId('cities', CITIES, ({ cityId }) => cityId),
    reviews,
  },
  Review: { reviewer: byId('users', USERS, ({ reviewerId }) => reviewerId) },
  Booking: {
    place: byId('places', PLACES_BY_ID, ({ placeId }) => placeId),
    tenant: byId('users', USERS, ({ tenantId }) => tenantId),
  },
};

const app = Fastify();
await app.register(mercurius, {
  schema: SCHEMA,
  resolvers: resolvers as unknown as IResolvers,
  loaders: loaders,
  jit: 1,
  context: ({ headers }): Context => ({
    caller: () => {
      const caller = tokens.check(headers.authorization);
      if (caller === null) throw new Refusal(401);
      return caller;
    },
  }),
});
await app.listen({ port: settings.port, host: '127.0.0.1' });
ready();
