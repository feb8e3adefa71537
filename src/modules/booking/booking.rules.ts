// Pure rules about stays and transitions: no I/O, and today comes from outside.
import { AppError, type FieldProblem, invalidInput } from '../../platform/errors/app-error.js';
import {
  type Condition,
  type Operation,
  type Side,
  type Status,
  type Transition,
  TRANSITIONS,
} from './booking.transitions.js';

const MAX_NIGHTS = 365;
const MAX_YEARS_AHEAD = 2;
const DAY_MS = 86_400_000;

/** Calendar days from `from` to `to`, both YYYY-MM-DD; negative where `to` is earlier. */
export function nightsBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** The same day some years later; 29 February becomes the 28th. */
export function addYears(date: string, years: number): string {
  const later = `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}`;
  return later.endsWith('02-29') && !isLeapDay(later) ? later.replace(/29$/, '28') : later;
}

function isLeapDay(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDate() === 29;
}

/** nights × nightly price, in the currency's minor unit. */
export function quote(nights: number, nightlyAmount: number): number {
  return nights * nightlyAmount;
}

/** What is wrong with the length of a stay, or null. */
export function lengthProblem(checkIn: string, checkOut: string): string | null {
  const nights = nightsBetween(checkIn, checkOut);
  if (nights < 1) return 'Must be after checkIn.';
  return nights > MAX_NIGHTS ? `A stay has at most ${MAX_NIGHTS} nights; this has ${nights}.` : null;
}

export interface Stay {
  readonly checkIn: string;
  readonly checkOut: string;
  readonly guests: number;
}

/** Everything that is wrong with a stay at a place for `maxGuests`, asked for on the day `today`. */
export function stayProblems(
  { checkIn, checkOut, guests }: Stay,
  today: string,
  maxGuests: number,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const latest = addYears(today, MAX_YEARS_AHEAD);
  if (checkIn < today)
    problems.push({ path: 'checkIn', message: `Must not be before today, ${today} at the place.` });
  if (checkIn > latest)
    problems.push({ path: 'checkIn', message: `Must not be after ${latest}: at most two years ahead.` });
  const length = lengthProblem(checkIn, checkOut);
  if (length !== null) problems.push({ path: 'checkOut', message: length });
  if (guests < 1 || guests > maxGuests)
    problems.push({ path: 'guests', message: `Must be from 1 to ${maxGuests}.` });
  return problems;
}

/** Which party of the booking somebody is, or null. */
export function sideOf(booking: { tenantId: string; landlordId: string }, userId: string): Side | null {
  if (userId === booking.tenantId) return 'TENANT';
  return userId === booking.landlordId ? 'LANDLORD' : null;
}

/** What a decision rests on. */
export interface Facts {
  /** null: no booking yet. */
  readonly status: Status | null;
  readonly version: number;
  /** The stay as it would be after the transition. */
  readonly stay: Stay;
  readonly side: Side | null;
  /** The date at the place, by the database's clock. */
  readonly today: string;
  readonly listed: boolean;
  readonly maxGuests: number;
  /** An ACTIVE stay of the place overlaps. */
  readonly datesTaken: boolean;
}

/**
 * Whether the operation may happen: null, or why not. Order: ownership → listed → status → version → stay → free dates.
 * `version` is the one that the caller saw, where they say.
 */
export function decide(operation: Operation, facts: Facts, version?: number): AppError | null {
  const { from, by, requires }: Transition = TRANSITIONS[operation];
  if (facts.side === null || !by.includes(facts.side)) {
    return new AppError('NOT_YOURS', `Only ${by.map((side) => PARTY[side]).join(' and ')} can do this.`);
  }
  if (requires.includes('listed') && !facts.listed) return BROKEN.listed(facts);
  if (facts.status !== from) return illegalTransition(facts.status);
  if (version !== undefined && version !== facts.version) {
    return new AppError(
      'STALE_VERSION',
      `The booking was changed in between; it is at version ${facts.version} now.`,
    );
  }
  for (const condition of requires) {
    const refusal = BROKEN[condition](facts);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** The refusal of a booking in the wrong status. */
export function illegalTransition(status: Status | null): AppError {
  return new AppError('ILLEGAL_TRANSITION', `This booking is ${status ?? 'not made yet'}.`);
}

/** The refusal where another stay got the dates. */
export function datesTaken(): AppError {
  return new AppError('DATES_TAKEN', 'Another stay at this place has these dates, or some of them.');
}

const PARTY: Readonly<Record<Side, string>> = {
  TENANT: "the booking's tenant",
  LANDLORD: "the place's owner",
};

/** The refusal where a condition does not hold, else null. */
const BROKEN: Readonly<Record<Condition, (facts: Facts) => AppError | null>> = {
  listed: ({ listed }) =>
    listed ? null : new AppError('NOT_LISTED', 'This place takes no new requests at present.'),
  stayValid: ({ stay, today, maxGuests }) => {
    const problems = stayProblems(stay, today, maxGuests);
    return problems.length === 0 ? null : invalidInput(...problems);
  },
  notTooLate: ({ stay: { checkIn }, today }) =>
    today <= checkIn
      ? null
      : new AppError('TOO_LATE', `The stay was to begin on ${checkIn}, and it is ${today} at the place.`),
  notTooEarly: ({ stay: { checkIn }, today }) =>
    today >= checkIn
      ? null
      : new AppError('TOO_EARLY', `The stay begins on ${checkIn}, and it is ${today} at the place.`),
  datesFree: (facts) => (facts.datesTaken ? datesTaken() : null),
};
