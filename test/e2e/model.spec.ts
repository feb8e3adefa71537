// Random sequences of lifecycle operations, against a small model of the rules.
import fc from 'fast-check';
import { type Json } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { inDays, type Person, World } from '../support/world.js';

type Who = 'tenant' | 'otherTenant' | 'owner' | 'otherLandlord';

interface ModelBooking {
  id: string;
  by: Who;
  status: string;
  version: number;
  from: number;
  to: number;
}

/** One operation, with everything that is random about it. */
const anyStep = fc.record({
  operation: fc.constantFrom(
    'create',
    'create',
    'update',
    'activate',
    'activate',
    'activate',
    'cancelPending',
    'cancelActive',
    'complete',
  ),
  /** asker: the tenant of the booking in question. */
  by: fc.constantFrom<Who | 'asker'>(
    'asker',
    'asker',
    'asker',
    'owner',
    'owner',
    'owner',
    'owner',
    'otherTenant',
    'otherLandlord',
  ),
  target: fc.nat(5),
  from: fc.constantFrom(-1, 0, 0, 0, 1, 1, 2, 3),
  nights: fc.constantFrom(0, 1, 1, 2, 2, 3),
  guests: fc.constantFrom(1, 2, 2, 3),
  version: fc.constantFrom(undefined, undefined, undefined, 1, 2),
});
type Step = (typeof anyStep extends fc.Arbitrary<infer T> ? T : never) & { who: Who };

const MAX_GUESTS = 2;
const GRAPHQL: Record<string, string> = {
  update: 'updatePendingBooking',
  activate: 'activatePendingBooking',
  cancelPending: 'cancelPendingBooking',
  cancelActive: 'cancelActiveBooking',
  complete: 'completeActiveBooking',
};

const LEADS_TO: Record<string, string> = { update: 'PENDING', activate: 'ACTIVE', complete: 'COMPLETED' };

/** What ought to happen: a code of refusal, or the booking as it should be. */
class Model {
  readonly bookings: ModelBooking[] = [];
  readonly told: Record<Who, number> = { tenant: 0, otherTenant: 0, owner: 0, otherLandlord: 0 };

  private taken({ from, to }: { from: number; to: number }): boolean {
    return this.bookings.some(
      (booking) => booking.status === 'ACTIVE' && booking.from < to && from < booking.to,
    );
  }

  create({ who, from, nights, guests }: Step): string | Omit<ModelBooking, 'id'> {
    if (who === 'owner' || who === 'otherLandlord') return 'WRONG_ROLE';
    if (nights < 1 || from < 0 || guests > MAX_GUESTS) return 'INVALID_INPUT';
    if (this.taken({ from, to: from + nights })) return 'DATES_TAKEN';
    this.told.owner++;
    return { by: who, status: 'PENDING', version: 1, from, to: from + nights };
  }

  apply(step: Step, booking: ModelBooking): string | null {
    const { operation, who, from, nights, guests, version } = step;
    if (operation === 'update' && nights < 1) return 'INVALID_INPUT';
    const isTenant = who === booking.by;
    const isOwner = who === 'owner';
    const mayTenant = ['update', 'cancelPending', 'cancelActive'].includes(operation);
    const mayOwner = operation !== 'update';
    if (!(isTenant && mayTenant) && !(isOwner && mayOwner)) return 'NOT_YOURS';
    const needed = operation === 'cancelActive' || operation === 'complete' ? 'ACTIVE' : 'PENDING';
    if (booking.status !== needed) return 'ILLEGAL_TRANSITION';
    const versioned = operation === 'update' || operation === 'activate';
    if (versioned && version !== undefined && version !== booking.version) return 'STALE_VERSION';
    if (operation === 'update') {
      if (from < 0 || guests > MAX_GUESTS) return 'INVALID_INPUT';
      if (this.taken({ from, to: from + nights })) return 'DATES_TAKEN';
      Object.assign(booking, { from, to: from + nights });
    }
    if (operation === 'activate' && this.taken(booking)) return 'DATES_TAKEN';
    if (operation === 'complete' && booking.from > 0) return 'TOO_EARLY';
    booking.status = LEADS_TO[operation] ?? 'CANCELLED';
    booking.version++;
    this.told[isTenant ? 'owner' : booking.by]++;
    return null;
  }
}

describe('random sequences of bookings', () => {
  let app: TestApp;
  let world: World;

  beforeAll(async () => {
    app = await TestApp.start();
    world = new World(app);
  });

  afterAll(() => app.stop());

  it('end as the model says, step by step', async () => {
    let steps = 0;
    const codes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 30, maxLength: 60, size: 'max' }), async (sequence) => {
        const [owner, tenant, otherTenant, otherLandlord] = await Promise.all([
          world.landlord(),
          world.tenant(),
          world.tenant(),
          world.landlord(),
        ]);
        const people: Record<Who, Person> = { owner, tenant, otherTenant, otherLandlord };
        const { id: placeId } = await world.place(owner, { maxGuests: MAX_GUESTS });
        const model = new Model();
        for (const step of sequence) {
          steps++;
          const asker = model.bookings[step.target % model.bookings.length]?.by ?? 'tenant';
          const who = step.by !== 'asker' ? step.by : step.operation === 'create' ? 'tenant' : asker;
          const expected = await play(model, { ...step, who }, people, placeId);
          codes.set(expected ?? 'done', (codes.get(expected ?? 'done') ?? 0) + 1);
        }
        for (const booking of model.bookings) {
          const { data } = await app.api.call('getBooking', { id: booking.id }, people[booking.by].token);
          expect(data).toMatchObject({
            status: booking.status,
            version: booking.version,
            checkIn: inDays(booking.from),
            checkOut: inDays(booking.to),
          });
        }
        for (const [who, count] of Object.entries(model.told)) {
          const { nodes } = await app.api.must(
            'getNotifications',
            { first: 100 },
            people[who as Who].token,
            '{ nodes { sequence } }',
          );
          expect(nodes.map(({ sequence: n }: Json) => n)).toEqual(
            Array.from({ length: count }, (_, n) => count - n),
          );
        }
      }),
      { numRuns: 20 },
    );
    // The sequences reach every kind of answer, or the test would say little.
    expect([...codes.keys()].sort()).toEqual(
      [
        'DATES_TAKEN',
        'ILLEGAL_TRANSITION',
        'INVALID_INPUT',
        'NOT_YOURS',
        'STALE_VERSION',
        'TOO_EARLY',
        'WRONG_ROLE',
        'done',
      ].sort(),
    );
    expect(steps).toBeGreaterThan(200);
  }, 120_000);

  async function play(
    model: Model,
    step: Step,
    people: Record<Who, Person>,
    placeId: string,
  ): Promise<string | null> {
    const { operation, who, target, from, nights, guests, version } = step;
    const dates = { checkIn: inDays(from), checkOut: inDays(from + nights), guests };
    if (operation === 'create' || model.bookings.length === 0) {
      const expected = model.create(step);
      const reply = await app.api.call(
        'createPendingBooking',
        { input: { placeId, ...dates } },
        people[who].token,
      );
      if (typeof expected === 'string') {
        expect(reply.code).toBe(expected);
        return expected;
      }
      expect(reply.code).toBeNull();
      model.bookings.push({ id: reply.data.id, ...expected });
      return null;
    }
    const booking = model.bookings[target % model.bookings.length] as ModelBooking;
    const expected = model.apply(step, booking);
    const { id } = booking;
    const args =
      operation === 'update'
        ? { input: { id, ...dates, version } }
        : operation === 'activate'
          ? { id, version }
          : { id };
    const reply = await app.api.call(GRAPHQL[operation] as string, args, people[who].token);
    expect({ operation, who, code: reply.code }).toEqual({ operation, who, code: expected });
    return expected;
  }
});
