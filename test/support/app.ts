// The whole application in this process, on a real port, with a database and Redis keys of its own.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../src/app.factory.js';
import { readEnv } from '../../src/config/env.js';
import { Draining } from '../../src/platform/observability/draining.js';
import { Api } from './api.js';
import { KEYS } from './keys.js';
import { cloneDatabase, services, uniqueName } from './services.js';

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
    REDIS_URL: services().redisUrl,
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

export class TestApp {
  private constructor(
    readonly nest: NestFastifyApplication,
    readonly settings: Record<string, string>,
    readonly api: Api,
    readonly sql: pg.Pool,
  ) {}

  static async start(overrides: Record<string, string> = {}): Promise<TestApp> {
    const databaseUrl = overrides.DATABASE_URL ?? (await cloneDatabase());
    const settings = testSettings(databaseUrl, overrides);
    const nest = await createApp(readEnv(settings));
    await nest.listen(0, '127.0.0.1');
    const sql = new pg.Pool({ connectionString: databaseUrl, max: 5 });
    sql.on('error', () => undefined);
    return new TestApp(nest, settings, new Api(await nest.getUrl()), sql);
  }

  get url(): string {
    return this.api.url;
  }

  async stop(): Promise<void> {
    await this.nest.get(Draining).start();
    await this.nest.close();
    await this.sql.end();
  }
}
