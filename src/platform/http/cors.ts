// Which pages may call from a browser; one rule for HTTP and sockets.
import type { IncomingHttpHeaders } from 'node:http';
import type { Env } from '../../config/env.js';

/** The allowed origins; true: any (development without a list), false: none but our own. */
export function corsOrigin({ CORS_ORIGINS, NODE_ENV }: Env): string[] | boolean {
  return CORS_ORIGINS.length > 0 ? CORS_ORIGINS : NODE_ENV === 'development';
}

/**
 * Whether a socket may come from there. Browsers do not hold sockets to CORS, so the server must look itself; what is
 * no browser sends no Origin.
 */
export function mayConnect(env: Env, { origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  const allowed = corsOrigin(env);
  if (allowed === true) return true;
  return (allowed !== false && allowed.includes(origin)) || hostOf(origin) === host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
