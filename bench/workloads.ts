// What is asked: for each workload the document that GraphQL contestants get, what the floor gets instead, and how to
// draw a random request.
import { type DataSet, FIRST_STAY, landlordOf, movableId } from './data.js';
import { Tokens } from './contestants/token.js';
import { idOf } from '../test/support/fill.js';

/** One request: what the document's variables are, and who asks. */
export interface Draw {
  variables: Record<string, unknown>;
  /** The same for the floor. */
  plain: Record<string, unknown>;
  token?: string;
}

interface Step {
  operation: string;
  /** Where the floor answers it. */
  path: string;
  document: string;
}

export interface Workload {
  name: string;
  title: string;
  /** Requests that belong together, one after the other, with one draw. */
  steps: readonly Step[];
  /** Changes rows: the data set is put back after each turn. */
  writes: boolean;
  /** Bookings that must be there to be moved, for each second of load. */
  movablePerSecond?: number;
  draw: (pools: Pools) => Draw;
}

/** Most of what one machine may ask for in a second; where it does not suffice the run says so. */
const MOVABLE_PER_SECOND = 2000;

/** What is asked of every operation, and these fields of its data. */
export const answer = (fields: string) => `{ status message code data { ${fields} } }`;
const BOOKING = 'id status checkIn checkOut nights guests total { amount currency } version createdAt';

/** Where random requests are drawn from. */
export class Pools {
  private readonly tokens: Tokens;
  private readonly issued = new Map<string, string>();
  private moved = 0;
  private movable = 0;

  constructor(
    private readonly data: DataSet,
    secret: string,
    private readonly random: () => number = Math.random,
  ) {
    this.tokens = new Tokens(secret);
  }

  place(): string {
    return idOf('place', this.upTo(this.data.size.places));
  }

  bookedPlace(): string {
    return idOf('place', this.upTo(this.data.size.bookedPlaces));
  }

  city(): string {
    return idOf('city', this.upTo(this.data.size.cities));
  }

  tenant(): string {
    const { landlords, tenants } = this.data.size;
    return this.tokenOf(idOf('user', landlords + this.upTo(tenants)), 'TENANT');
  }

  bookedLandlord(): string {
    const { size } = this.data;
    return this.tokenOf(landlordOf(this.upTo(size.bookedPlaces), size), 'LANDLORD');
  }

  stay(): { checkIn: string; checkOut: string } {
    const start = Date.now() + (FIRST_STAY.fromDay + this.upTo(FIRST_STAY.days)) * 86_400_000;
    const date = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    return { checkIn: date(start), checkOut: date(start + this.upTo(7) * 86_400_000) };
  }

  /** From here on so many bookings wait to be moved. */
  refill(count: number): void {
    this.movable = count;
    this.moved = 0;
  }

  /** A booking that nobody moved yet. */
  nextMovable(): { id: string; token: string } {
    const n = ++this.moved;
    if (n > this.movable)
      throw new Error('More bookings were moved than were prepared; give fewer --seconds.');
    return { id: movableId(n), token: this.tokenOf(landlordOf(n, this.data.size), 'LANDLORD') };
  }

  guests(): number {
    return this.upTo(4);
  }

  tokenOf(id: string, role: 'LANDLORD' | 'TENANT'): string {
    const known = this.issued.get(id) ?? this.tokens.sign({ id, role }, 86_400);
    this.issued.set(id, known);
    return known;
  }

  private upTo(most: number): number {
    return 1 + Math.floor(this.random() * most);
  }
}

/** A request that the floor gets in the same words. */
export const same = (variables: Record<string, unknown>, token?: string): Draw => ({
  variables,
  plain: variables,
  token,
});

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'W1',
    title: 'getPlace, eight scalars',
    steps: [
      {
        operation: 'getPlace',
        path: '/getPlace-scalars',
        document: `query ($id: ID!) { getPlace(id: $id) ${answer(
          'id placeCopyId copyNumber title description maxGuests listed createdAt',
        )} }`,
      },
    ],
    writes: false,
    draw: (pools) => same({ id: pools.place() }),
  },
  {
    name: 'W2',
    title: 'getPlace → owner, city, first 10 reviews → reviewer',
    steps: [
      {
        operation: 'getPlace',
        path: '/getPlace-page',
        document: `query ($id: ID!) { getPlace(id: $id) ${answer(
          `id title description maxGuests owner { id displayName } city { id name timeZone }
           reviews(first: 10) { nodes { id rating comment createdAt reviewer { id displayName } } }`,
        )} }`,
      },
    ],
    writes: false,
    draw: (pools) => same({ id: pools.bookedPlace() }),
  },
  {
    name: 'W3',
    title: 'searchPlaces: twenty places of a city with owner and city',
    steps: [
      {
        operation: 'searchPlaces',
        path: '/searchPlaces',
        document: `query ($filter: PlaceFilter) { searchPlaces(filter: $filter, first: 20) ${answer(
          `nodes {
             id title nightlyPrice { amount currency } maxGuests reviewCount averageRating
             owner { id displayName } city { id name }
           } pageInfo { hasNextPage endCursor }`,
        )} }`,
      },
    ],
    writes: false,
    draw: (pools) => {
      const filter = { cityId: pools.city(), guests: pools.guests() };
      return { variables: { filter }, plain: filter };
    },
  },
  {
    name: 'W4',
    title: 'createPendingBooking, signed in',
    steps: [
      {
        operation: 'createPendingBooking',
        path: '/createPendingBooking',
        document: `mutation ($input: CreatePendingBookingInput!) { createPendingBooking(input: $input) ${answer(BOOKING)} }`,
      },
    ],
    writes: true,
    draw: (pools) => {
      const input = { placeId: pools.place(), ...pools.stay(), guests: 1 };
      return { variables: { input }, plain: input, token: pools.tenant() };
    },
  },
  {
    name: 'W5',
    title: "getBookings: a landlord's twenty newest with place and tenant, signed in",
    steps: [
      {
        operation: 'getBookings',
        path: '/getBookings',
        document: `query { getBookings(first: 20) ${answer(
          `nodes {
             id status checkIn checkOut guests total { amount currency } place { id title } tenant { id displayName }
           } pageInfo { hasNextPage endCursor }`,
        )} }`,
      },
    ],
    writes: false,
    draw: (pools) => same({}, pools.bookedLandlord()),
  },
  {
    name: 'W6',
    title: 'activatePendingBooking, then cancelActiveBooking, signed in',
    steps: [
      {
        operation: 'activatePendingBooking',
        path: '/activatePendingBooking',
        document: `mutation ($id: ID!) { activatePendingBooking(id: $id) ${answer(BOOKING)} }`,
      },
      {
        operation: 'cancelActiveBooking',
        path: '/cancelActiveBooking',
        document: `mutation ($id: ID!) { cancelActiveBooking(id: $id) ${answer(BOOKING)} }`,
      },
    ],
    writes: true,
    movablePerSecond: MOVABLE_PER_SECOND,
    draw: (pools) => {
      const { id, token } = pools.nextMovable();
      return same({ id }, token);
    },
  },
];
