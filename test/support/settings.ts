// Settings of servers under test.
import { KEYS } from './keys.js';
import { services, uniqueName } from './services.js';

export const JWT_SECRET = 'a secret of more than thirty-two bytes, for tests only';

/** Settings of a test server; timings are short so that tests need not wait. */
export function testSettings(
  databaseUrl: string,
  overrides: Record<string, string> = {},
): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: overrides.REDIS_URL ?? services().redisUrl,
    REDIS_PREFIX: uniqueName(),
    JWT_SECRET,
    DATA_KEYS: KEYS.data[0],
    EMAIL_INDEX_KEYS: KEYS.index[0],
    LOG_LEVEL: 'silent',
    DRAIN_MS: '0',
    RATE_LIMITS: 'off',
    DELIVERY_ACK_TIMEOUT_MS: '1000',
    DELIVERY_SWEEP_MS: '200',
    DELIVERY_RECONCILE_SECONDS: '1',
    SESSION_WATCH_MS: '100',
    ...overrides,
  };
}

/** Settings as for {@link testSettings}, with a log to read. */
export function processSettings(
  databaseUrl: string,
  overrides: Record<string, string> = {},
): Record<string, string> {
  const {
    PORT: _,
    DRAIN_MS: __,
    ...settings
  } = testSettings(databaseUrl, { LOG_LEVEL: 'info', ...overrides });
  return settings;
}
