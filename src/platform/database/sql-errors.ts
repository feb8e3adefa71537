// From SQLSTATE to what the caller hears: the only place that reads PostgreSQL's error codes.
import { AppError } from '../errors/app-error.js';

/** PostgreSQL could not be reached, or gave up: the statement may or may not have taken effect. */
export const DATABASE_AWAY = 'The database cannot answer right now. Please try again in a moment.';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

/**
 * SQLSTATE classes and codes that say "not now": connection lost (08), out of resources (53), operator
 * intervention and timeouts (57), lock timeout, idle-transaction timeout, a primary that became read-only.
 */
const AWAY_STATES = /^(08|53|57)|^(55P03|25P02|25P03|25P04|25006)$/;

/** node-postgres and TypeORM report some lost connections by words alone. */
const AWAY_WORDS =
  /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable|query read timeout|query runner already released/i;

const RETRYABLE_STATES = new Set(['40001', '40P01']);

interface DriverError {
  code?: unknown;
  constraint?: unknown;
  message?: unknown;
}

/** TypeORM wraps the driver's error; node wraps several refused addresses in one. */
function driverError(error: unknown): DriverError {
  if (typeof error !== 'object' || error === null) return {};
  if ('driverError' in error) return driverError(error.driverError);
  return error;
}

/** The transaction lost against another one and may simply be run again. */
export function isRetryable(error: unknown): boolean {
  const { code } = driverError(error);
  return typeof code === 'string' && RETRYABLE_STATES.has(code);
}

/** The database, not the request, is at fault. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = driverError(error);
  if (typeof code === 'string' && (NETWORK_CODES.has(code) || AWAY_STATES.test(code))) return true;
  return typeof message === 'string' && AWAY_WORDS.test(message);
}

/** The write was refused by the named constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return driverError(error).constraint === constraint;
}

/** The statement failed with this SQLSTATE. */
export function hasSqlState(error: unknown, state: string): boolean {
  return driverError(error).code === state;
}

/** What to throw on: UNAVAILABLE where the database is away, else the error as it came. */
export function toAppError(error: unknown): unknown {
  if (error instanceof AppError || !isDatabaseAway(error)) return error;
  return Object.assign(new AppError('UNAVAILABLE', DATABASE_AWAY), { cause: error });
}
