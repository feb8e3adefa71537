import fc from 'fast-check';
import {
  addYears,
  decide,
  type Facts,
  lengthProblem,
  nightsBetween,
  quote,
  sideOf,
  stayProblems,
} from './booking.rules.js';
import { type Operation, TRANSITIONS, type Transition } from './booking.transitions.js';

describe('nightsBetween', () => {
  it.each([
    ['2026-01-01', '2026-01-02', 1],
    ['2026-02-28', '2026-03-01', 1],
    ['2028-02-28', '2028-03-01', 2],
    ['2026-03-28', '2026-03-30', 2],
    ['2026-12-31', '2027-01-01', 1],
    ['2026-01-02', '2026-01-01', -1],
    ['0001-01-01', '0001-01-02', 1],
  ])('from %s to %s is %d', (from, to, nights) => {
    expect(nightsBetween(from, to)).toBe(nights);
  });
});

describe('addYears', () => {
  it.each([
    ['2026-11-22', 2, '2028-11-22'],
    ['2024-02-29', 2, '2026-02-28'],
    ['2024-02-29', 4, '2028-02-29'],
    ['0099-01-01', 2, '0101-01-01'],
  ])('%s and %d years is %s', (date, years, later) => {
    expect(addYears(date, years)).toBe(later);
  });
});

describe('a stay', () => {
  const today = '2026-06-15';
  const problems = (checkIn: string, checkOut: string, guests = 1) =>
    stayProblems({ checkIn, checkOut, guests }, today, 4).map(({ path }) => path);

  it.each([
    ['2026-06-15', '2026-06-16', 1, []],
    ['2026-06-14', '2026-06-16', 1, ['checkIn']],
    ['2028-06-15', '2028-06-16', 1, []],
    ['2028-06-16', '2028-06-17', 1, ['checkIn']],
    ['2026-06-15', '2027-06-15', 1, []],
    ['2026-06-15', '2027-06-16', 1, ['checkOut']],
    ['2026-06-15', '2026-06-15', 1, ['checkOut']],
    ['2026-06-15', '2026-06-16', 4, []],
    ['2026-06-15', '2026-06-16', 5, ['guests']],
    ['2026-06-15', '2026-06-16', 0, ['guests']],
    ['2026-06-14', '2026-06-14', 9, ['checkIn', 'checkOut', 'guests']],
  ])('from %s to %s for %d is refused at %j', (checkIn, checkOut, guests, paths) => {
    expect(problems(checkIn, checkOut, guests)).toEqual(paths);
  });

  it('has a length that can be told without the place', () => {
    expect(lengthProblem('2026-06-15', '2026-06-16')).toBeNull();
    expect(lengthProblem('2026-06-15', '2026-06-15')).toMatch(/after checkIn/);
    expect(lengthProblem('2026-06-15', '2027-06-16')).toMatch(/365 nights; this has 366/);
  });

  it('costs its nights', () => {
    expect(quote(365, 1_000_000_000_000)).toBe(365_000_000_000_000);
  });
});

describe('decide', () => {
  const fine: Facts = {
    status: 'PENDING',
    version: 3,
    stay: { checkIn: '2026-06-15', checkOut: '2026-06-17', guests: 1 },
    side: 'LANDLORD',
    today: '2026-06-15',
    listed: true,
    maxGuests: 2,
    datesTaken: false,
  };

  /** Everything that can be wrong, in the order in which it is looked at. */
  const WRONG: [string, Partial<Facts>, (transition: Transition) => boolean][] = [
    ['NOT_YOURS', { side: null }, () => true],
    ['NOT_LISTED', { listed: false }, ({ requires }) => requires.includes('listed')],
    ['ILLEGAL_TRANSITION', { status: 'COMPLETED' }, () => true],
    ['STALE_VERSION', { version: 9 }, () => true],
    ['INVALID_INPUT', { maxGuests: 0 }, ({ requires }) => requires.includes('stayValid')],
    ['TOO_LATE', { today: '2026-06-16' }, ({ requires }) => requires.includes('notTooLate')],
    ['TOO_EARLY', { today: '2026-06-14' }, ({ requires }) => requires.includes('notTooEarly')],
    ['DATES_TAKEN', { datesTaken: true }, ({ requires }) => requires.includes('datesFree')],
  ];

  describe.each(Object.entries(TRANSITIONS) as [Operation, Transition][])('%s', (operation, transition) => {
    const facts: Facts = { ...fine, status: transition.from, side: transition.by[0] ?? null };

    it('happens where nothing is wrong', () => {
      expect(decide(operation, facts, 3)).toBeNull();
      expect(decide(operation, facts)).toBeNull();
    });

    it('names what is wrong, and of several things the first', () => {
      const relevant = WRONG.filter(([, , matters]) => matters(transition));
      relevant.forEach(([code, wrong], n) => {
        expect(decide(operation, { ...facts, ...wrong }, 3)?.code).toBe(code);
        for (const [, later] of relevant.slice(n + 1)) {
          expect(decide(operation, { ...facts, ...later, ...wrong }, 3)?.code).toBe(code);
        }
      });
      // Another day would make the stay of a request invalid, which is not what is asked here.
      const isRequest = transition.requires.includes('stayValid');
      const others = WRONG.filter(
        ([, wrong, matters]) => !matters(transition) && !(isRequest && 'today' in wrong),
      );
      for (const [, wrong] of others) {
        expect(decide(operation, { ...facts, ...wrong }, 3)).toBeNull();
      }
    });

    it('names the status that the booking is in', () => {
      for (const status of ['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED'] as const) {
        if (status !== transition.from)
          expect(decide(operation, { ...facts, status })?.message).toContain(status);
      }
    });
  });
});

describe('the table', () => {
  const rows = Object.values(TRANSITIONS) as Transition[];

  it('reaches every status from the beginning, and leaves none of the final ones', () => {
    const reached = new Set<string | null>([null]);
    for (let grew = true; grew;) {
      const before = reached.size;
      for (const { from, to } of rows) if (reached.has(from)) reached.add(to);
      grew = reached.size > before;
    }
    expect(reached).toEqual(new Set([null, 'PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED']));
    expect(rows.filter(({ from }) => from === 'COMPLETED' || from === 'CANCELLED')).toEqual([]);
  });

  it('lets ACTIVE be entered only with free dates', () => {
    for (const { to, requires } of rows) if (to === 'ACTIVE') expect(requires).toContain('datesFree');
  });
});

describe('sideOf', () => {
  it('knows the two parties from everybody else', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (tenantId, landlordId, userId) => {
        fc.pre(tenantId !== landlordId);
        const expected = userId === tenantId ? 'TENANT' : userId === landlordId ? 'LANDLORD' : null;
        expect(sideOf({ tenantId, landlordId }, userId)).toBe(expected);
        expect(sideOf({ tenantId, landlordId }, tenantId)).toBe('TENANT');
        expect(sideOf({ tenantId, landlordId }, landlordId)).toBe('LANDLORD');
      }),
    );
  });
});
