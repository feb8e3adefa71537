// Which pages may call from a browser; one rule for HTTP and sockets.
import type { Env } from '../../config/env.js';

/** The allowed origins; true: any (development without a list), false: none but our own. */
export function corsOrigin({ CORS_ORIGINS, NODE_ENV }: Env): string[] | boolean {
  const origins = CORS_ORIGINS.split(',').map((origin) => origin.trim());
  const listed = origins.filter((origin) => origin !== '');
  return listed.length > 0 ? listed : NODE_ENV === 'development';
}
