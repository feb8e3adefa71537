// Which pages may call from a browser; one rule for HTTP and sockets.
import type { Env } from '../../config/env.js';

/** The allowed origins; true: any (development without a list), false: none but our own. */
export function corsOrigin({ CORS_ORIGINS, NODE_ENV }: Env): string[] | boolean {
  return CORS_ORIGINS.length > 0 ? CORS_ORIGINS : NODE_ENV === 'development';
}
