// The whole application in this process, on a real port, with a database and Redis keys of its own.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { createApp } from '../../src/app.factory.js';
import { readEnv } from '../../src/config/env.js';
import { Draining } from '../../src/platform/observability/draining.js';
import { Api } from './api.js';
import { cloneDatabase } from './services.js';
import { testSettings } from './settings.js';

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
