// Refusals: what a caller did wrong or what stands in the way, by code. Everything else that is thrown is a fault.

/** What became of a request, as a front end branches on it. */
export enum ResponseStatus {
  OK = 'OK',
  CREATED = 'CREATED',
  BAD_REQUEST = 'BAD_REQUEST',
  UNAUTHENTICATED = 'UNAUTHENTICATED',
  FORBIDDEN = 'FORBIDDEN',
  NOT_FOUND = 'NOT_FOUND',
  CONFLICT = 'CONFLICT',
  TOO_MANY_REQUESTS = 'TOO_MANY_REQUESTS',
  UNAVAILABLE = 'UNAVAILABLE',
  INTERNAL = 'INTERNAL',
}

/** Why a request was refused. */
export enum ErrorCode {
  INVALID_INPUT = 'INVALID_INPUT',
  NOT_SIGNED_IN = 'NOT_SIGNED_IN',
  BAD_CREDENTIALS = 'BAD_CREDENTIALS',
  SESSION_EXPIRED = 'SESSION_EXPIRED',
  NOT_YOURS = 'NOT_YOURS',
  WRONG_ROLE = 'WRONG_ROLE',
  UNKNOWN_USER = 'UNKNOWN_USER',
  UNKNOWN_CITY = 'UNKNOWN_CITY',
  UNKNOWN_PLACE = 'UNKNOWN_PLACE',
  UNKNOWN_BOOKING = 'UNKNOWN_BOOKING',
  EMAIL_TAKEN = 'EMAIL_TAKEN',
  CITY_EXISTS = 'CITY_EXISTS',
  PROFILE_EXISTS = 'PROFILE_EXISTS',
  NO_PROFILE = 'NO_PROFILE',
  REVIEW_EXISTS = 'REVIEW_EXISTS',
  DATES_TAKEN = 'DATES_TAKEN',
  ILLEGAL_TRANSITION = 'ILLEGAL_TRANSITION',
  TOO_EARLY = 'TOO_EARLY',
  TOO_LATE = 'TOO_LATE',
  NOT_LISTED = 'NOT_LISTED',
  STALE_VERSION = 'STALE_VERSION',
  IDEMPOTENCY_MISMATCH = 'IDEMPOTENCY_MISMATCH',
  RATE_LIMITED = 'RATE_LIMITED',
  UNAVAILABLE = 'UNAVAILABLE',
  INTERNAL = 'INTERNAL',
}

/** The one mapping from code to status. */
export const STATUS_OF: Readonly<Record<ErrorCode, ResponseStatus>> = {
  INVALID_INPUT: ResponseStatus.BAD_REQUEST,
  NOT_SIGNED_IN: ResponseStatus.UNAUTHENTICATED,
  BAD_CREDENTIALS: ResponseStatus.UNAUTHENTICATED,
  SESSION_EXPIRED: ResponseStatus.UNAUTHENTICATED,
  NOT_YOURS: ResponseStatus.FORBIDDEN,
  WRONG_ROLE: ResponseStatus.FORBIDDEN,
  UNKNOWN_USER: ResponseStatus.NOT_FOUND,
  UNKNOWN_CITY: ResponseStatus.NOT_FOUND,
  UNKNOWN_PLACE: ResponseStatus.NOT_FOUND,
  UNKNOWN_BOOKING: ResponseStatus.NOT_FOUND,
  NO_PROFILE: ResponseStatus.NOT_FOUND,
  EMAIL_TAKEN: ResponseStatus.CONFLICT,
  CITY_EXISTS: ResponseStatus.CONFLICT,
  PROFILE_EXISTS: ResponseStatus.CONFLICT,
  REVIEW_EXISTS: ResponseStatus.CONFLICT,
  DATES_TAKEN: ResponseStatus.CONFLICT,
  ILLEGAL_TRANSITION: ResponseStatus.CONFLICT,
  TOO_EARLY: ResponseStatus.CONFLICT,
  TOO_LATE: ResponseStatus.CONFLICT,
  NOT_LISTED: ResponseStatus.CONFLICT,
  STALE_VERSION: ResponseStatus.CONFLICT,
  IDEMPOTENCY_MISMATCH: ResponseStatus.CONFLICT,
  RATE_LIMITED: ResponseStatus.TOO_MANY_REQUESTS,
  UNAVAILABLE: ResponseStatus.UNAVAILABLE,
  INTERNAL: ResponseStatus.INTERNAL,
};

/** One refused input field: where it stands (`nightlyPrice.amount`, `amenities.3`, `first`) and what is wrong. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** A refusal that the caller is told in full: its code decides the status, its message is for people. */
export class AppError extends Error {
  readonly code: `${ErrorCode}`;
  readonly fieldErrors: readonly FieldProblem[] | null;

  constructor(code: `${ErrorCode}`, message: string, fieldErrors: readonly FieldProblem[] | null = null) {
    super(message);
    this.code = code;
    this.fieldErrors = fieldErrors;
  }

  get status(): ResponseStatus {
    return STATUS_OF[this.code];
  }
}

/** INVALID_INPUT for the given fields; there is always at least one. */
export function invalidInput(...problems: FieldProblem[]): AppError {
  const fields = problems.map(({ path }) => path).join(', ');
  return new AppError('INVALID_INPUT', `Please correct ${fields}.`, problems);
}
